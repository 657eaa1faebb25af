@participating
Feature: RFC 4354 A user publishes service settings
  What a user wants of the service, such as to be left alone, is published at
  the participating function by PUBLISH; an entity tag names what it was told.

  @terminating
  Scenario: Settings and a change of them
    When alice bars incoming sessions and then allows them again
    Then [rfc3903:6/entity-tag] each PUBLISH of alice is accepted with another SIP-ETag and an Expires

  @terminating
  Scenario: Settings that nobody has published
    When alice withdraws settings that the function does not know
    Then [rfc3903:6/unknown-tag] the PUBLISH of alice is refused with 412

  @terminating
  Scenario: Something that is no setting
    When alice publishes the event "weather"
    Then [rfc3903:6/unknown-event] the PUBLISH of alice is refused with 489
