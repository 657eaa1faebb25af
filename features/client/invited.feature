@client
Feature: 004:6.2.1.2 Client invited to a session
  The client looks at the offer before it bothers its user, who then accepts or
  not. An INVITE with Replaces takes the place of a session that goes on, if the
  one who is replaced stands behind it.

      alice           client            bob
        |<== session ==>|                 |
        |               |<-- INVITE ------|  Replaces: alice, Referred-By: alice
        |               |----- 200 ------>|
        |<---- BYE -----|<----- ACK ------|

  Scenario: The user accepts
    When alice invites the user
    And the user accepts
    Then [004:6.2.1.2/on-user-rejects/2] the 200 of the client to alice keeps the general rules
    And [004:6.2.1.2/on-user-accepts/3] the 200 to alice carries an SDP answer
    And [004:6.2.1.2/on-user-accepts/3a] the answer to alice has an MSRP path that agrees with its m= line
    And [004:6.2.1.2/on-user-accepts/3b] every parameter of the answer to alice is in her offer
    And [004:6.2.1.2/on-user-accepts/4] the 200 to alice comes by the way of her INVITE
    And [004:6.2.1.2/general/u1] the client subscribes to the state of the session of alice

  Scenario: The user does not accept
    When alice invites the user
    And the user rejects
    Then [004:6.2.1.2/on-user-rejects/1] the invitation of alice is refused

  Scenario: An offer that the client cannot take
    Given alice offers the types "application/x-unheard-of"
    When alice invites the user
    Then [004:6.2.1.2/on-invite/u1] the invitation of alice is refused without asking the user
    And [004:6.2.1.2/on-invite/u1.2] the INVITE of alice is refused with 488

  Scenario: A session in the place of another
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice
    And the user accepts
    Then [004:6.2.1.2/on-user-accepts/1] the client takes the session of bob and leaves the one of alice

  Scenario: A replacement by nobody in particular
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice without saying who he is
    And the user accepts if asked
    And alice refreshes the session
    Then [004:6.2.1.2/on-user-accepts/2a] the client keeps the session of alice

  Scenario: A replacement that the replaced one did not ask for
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice as carol asked him
    And the user accepts if asked
    And alice refreshes the session
    Then [004:6.2.1.2/on-user-accepts/2b] the client keeps the session of alice

  Scenario: Two sessions at a time
    Given alice waits for the client to connect
    And bob waits for the client to connect
    When alice invites the user
    And the user accepts
    And bob invites the user
    And the user accepts
    And the user says "this is for alice" in the session of alice
    And the user says "this is for bob" in the session of bob
    Then [rfc4975:7.1/to-path] "this is for alice" reaches alice alone, by the path of that session
    And [rfc4975:7.1/to-path] "this is for bob" reaches bob alone, by the path of that session
