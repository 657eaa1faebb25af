@client
Feature: 004:6.2.1.1 General rules for responses of a client to an initial INVITE
  Alice's server invites the user. Whatever the client answers names its release
  and its user, and what it sends later about the session goes where the server said.

      alice           client            user
        |-- INVITE ---->|-- incoming ---->|
        |<---- 180 -----|                 |
        |               |<--- accept -----|
        |<---- 200 -----|                 |
        |-- ACK ------->|                 |

  Scenario: Ringing, then accepted
    When alice invites the user
    And the user accepts
    Then [004:6.2.1.1/client-responds/1] every response of the client to alice is built from her INVITE
    And [rfc3261:8.2.6.2/to-tag] every response to alice has the same tag in To
    And [004:6.2.1.1/client-responds/2] every response of the client to alice names its release in Server
    And [004:6.2.1.1/client-responds/3] every response of the client to alice lists its methods in Allow
    And [004:6.2.1.1/client-responds/4] every response of the client to alice carries the address of the user

  Scenario: The user turns an invitation down
    When alice invites the user
    And the user rejects
    Then [004:6.2.1.1/on-invite/1] the invitation of alice is refused
    And [004:6.2.1.1/client-responds/2] every response of the client to alice names its release in Server
    And [004:6.2.1.1/client-responds/4] every response of the client to alice carries the address of the user

  Scenario: A client that holds one session at a time
    Given the client holds one session at a time
    When alice invites the user
    And the user accepts
    And bob invites the user
    Then [004:6.2.1.1/on-invite/1a] the invitation of bob is refused without asking the user

  Scenario: The identity of the session
    When alice invites the user
    And the user accepts
    And the user leaves
    Then [004:6.2.1.1/on-invite/4] what the client sends about the session of alice goes to its identity

  @long-wait
  Scenario: The client refreshes with a method that the server knows
    Given alice lists "INVITE, ACK, CANCEL, BYE" in Allow
    And alice asks for a session interval refreshed by "uas"
    When alice invites the user
    And the user accepts
    Then [004:6.2.1.1/on-invite/3] the client refreshes the session of alice by a method in her Allow
