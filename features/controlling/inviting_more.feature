Feature: RFC 4579 5.5 Inviting more users by REFER
  A participant asks the session to bring somebody in. The session invites the
  user as its focus, and whoever asked hears how it went in NOTIFYs of its own.

      alice          server           dave
        |-- REFER ----->|                |
        |<---- 202 -----|                |
        |<--- NOTIFY ---|-- INVITE ----->|
        |               |<---- 200 ------|
        |<--- NOTIFY ---|----- ACK ----->|

  Scenario: A REFER to the session
    When alice invites bob
    And bob answers
    And alice asks the session to invite dave
    And dave answers
    Then [rfc3515:2.4.2/accepted] the REFER of alice is answered 202
    And [rfc4579:5.5/dial-out] dave is invited by the focus of the session
    And [rfc3892:2.2/referred-by] the INVITE to dave names alice in Referred-By
    And [rfc3515:2.4.4/notify-at-once] the first NOTIFY about the REFER of alice says 100
    And [rfc3515:2.4.7/outcome] the last NOTIFY about the REFER of alice says 200 and ends

  Scenario: A REFER inside a dialog
    When alice invites bob
    And bob answers
    And bob is in the room
    And bob asks within his dialog to invite dave
    And dave declines with 486
    Then [rfc3515:2.4.6/id] the NOTIFYs about the REFER of bob carry its number
    And [rfc3515:2.4.7/outcome] the last NOTIFY about the REFER of bob says 486 and ends

  Scenario: A REFER without a subscription
    When alice invites bob
    And bob answers
    And alice asks the session to invite dave and to tell nothing
    And dave answers
    Then [rfc4488:4/no-subscription] the REFER of alice is answered with Refer-Sub and nothing is told

  @violates
  Scenario: A REFER for two, and one for nobody
    When alice invites bob
    And bob answers
    And alice asks the session to invite dave and erin at once
    And alice asks the session to invite
    Then [rfc3515:2.4.2/one-target] each REFER of alice is refused with 400 and nobody is invited

  Scenario: A REFER of somebody who is not in the session
    When alice invites bob
    And bob answers
    And bob is in the room
    And carol asks the session to invite dave
    Then [rfc4579:5.5/participants] each REFER of carol is refused with 403 and nobody is invited

  Scenario: One more than a session may have
    When alice invites as many guests as a session may have
    And every guest of alice answers
    And alice asks the session to invite dave
    Then [rfc4579:5.5/maximum] each REFER of alice is refused with 486 and nobody is invited
