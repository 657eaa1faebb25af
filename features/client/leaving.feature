@client
Feature: 7.1.1.12 Client leaving a session
  The user leaves. The client sends a BYE to the identity of the session, and
  when that is answered nothing of the session is left, its MSRP connection included.

      alice           client            user
        |<== session ==>|                 |
        |               |<--- leave ------|
        |<---- BYE -----|                 |
        |----- 200 ---->|                 |
        |    (MSRP connection closed)     |

  Scenario: The user leaves
    Given alice waits for the client to connect
    And alice notices when the client closes its connection
    When alice invites the user
    And the user accepts
    And the user says "farewell"
    And the user leaves
    Then [7.1.1.12/client-leaves/1] the BYE to alice belongs to her session
    And [7.1.1.12/client-leaves/2] the BYE to alice goes to the identity of her session
    And [7.1.1.12/client-leaves/4] the BYE to alice reaches the SIP/IP core
    And [7.1.1.12/on-200/u1] the client closes its MSRP connection to alice after the 200 to its BYE

  Scenario: The user does not want to be known
    When alice invites the user
    And the user accepts
    And the user leaves anonymously
    Then [7.1.1.12/client-leaves/3] the BYE to alice asks for privacy of the identity

  Scenario: Another session takes the place
    When alice invites the user
    And the user accepts
    And bob invites the user in the place of alice
    And the user accepts
    Then [7.1.1.12/client-leaves/1] the BYE to alice belongs to her session
    And [7.1.1.12/client-leaves/2] the BYE to alice goes to the identity of her session
    And [7.1.1.12/client-leaves/4] the BYE to alice reaches the SIP/IP core
