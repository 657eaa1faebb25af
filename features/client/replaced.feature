@client
Feature: RFC 3891 An INVITE with Replaces that replaces nothing
  Alice talks to the user. Whatever else bob's server claims to replace, the client
  refuses it without asking its user, and the session of alice goes on.

  Scenario: A session that never was
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of a session that alice never had
    Then [rfc3891:3/no-match] the INVITE of bob is refused with 481

  @violates
  Scenario: Two sessions at once
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice twice over
    Then [rfc3891:3/several] the INVITE of bob is refused with 400

  Scenario: Only while it rings
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice if that still rings
    Then [rfc3891:3/early-only] the INVITE of bob is refused with 486
