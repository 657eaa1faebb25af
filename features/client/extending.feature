@client
Feature: 6.2.1.5 Client extends a session of two to a conference
  The user talks to bob and wants carol to join. The client calls the conference
  factory with a list of both; bob's entry says which session the new one replaces.

      user            client           bob           server
        |               |<== session ==>|               |
        |--- extend --->|                               |
        |               |----------- INVITE ----------->|
        |               |   bob?Replaces=..., carol     |

  Scenario: Carol joins bob and the user
    When the user calls bob
    And bob answers
    And the user extends the session by carol
    Then [6.2.1.5/client-sends/1] the INVITE to the factory keeps the general rules
    And [6.2.1.5/client-sends/2] the Request-URI of the INVITE is the conference factory
    And [6.2.1.5/client-sends/3] the list to the factory names bob, carol and nobody else
    And [6.2.1.5/client-sends/4] the INVITE to the factory has a part with a list of users
    And [6.2.1.5/client-sends/6] the INVITE to the factory is multipart/mixed
    And [6.2.1.5/client-sends/7] the INVITE to the factory has a part with an SDP offer
    And [6.2.1.5/client-sends/7a] the offer to the factory has an MSRP path that agrees with its m= line
    And [6.2.1.5/client-sends/7b] the offer to the factory lists content types
    And [6.2.1.5/client-sends/8] the list to the factory replaces the session with bob
    And [6.2.1.5/client-sends/9] the INVITE to the factory starts a new dialog at the SIP/IP core

  Scenario: As many users as a list may have
    When the user calls bob
    And bob answers
    And the user extends the session to as many users as a list may have
    Then [6.2.1.5/client-sends/5] an INVITE with all of them reaches the factory

  Scenario: More users than a list may have
    When the user calls bob
    And bob answers
    And the user extends the session to more users than a list may have
    And the user leaves
    Then [6.2.1.5/client-sends/5] no INVITE reaches the factory before the session with bob ends
    And [6.2.1.5/client-sends/5.2] the client tells the user about it before the session with bob ends
