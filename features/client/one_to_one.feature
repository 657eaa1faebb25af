@client
Feature: 001:6.2.1.2 The client calls one user

  Scenario: A call to one user
    When the user calls bob
    And bob answers
    Then [001:6.2.1.2/client-sends/1] the client's INVITE keeps the general rules
    And [001:6.2.1.2/client-sends/2] the client's INVITE is for bob
    And [001:6.2.1.2/client-sends/3] the client's INVITE offers MSRP media
    And [001:6.2.1.2/client-sends/3a] the client's offer has an MSRP URI in path
    And [001:6.2.1.2/client-sends/3b] the client's offer lists content types

  Scenario: The call reaches the server
    When the user calls bob
    Then [001:6.2.1.2/client-sends/4] the client's INVITE reaches its proxy

  Scenario: The other end knows no UPDATE
    Given bob lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When the user calls bob
    And bob answers
    And the user refreshes the session
    Then [001:6.2.1.2/on-200/1] the client asks bob only for methods that were listed, in a refresh too

  Scenario: The user leaves
    Given bob is reached at "session.of.two"
    When the user calls bob
    And bob answers
    And the user leaves
    Then [001:6.2.1.2/on-200/2] the client's BYE goes to the session identity
