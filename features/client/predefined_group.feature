@client
Feature: 6.2.1.4 The client calls a pre-defined group

  Scenario: A call to a group
    When the user calls the group "friends"
    And the server answers
    Then [6.2.1.4/client-sends/1] the client's INVITE keeps the general rules
    And [6.2.1.4/client-sends/2] the client's INVITE is for the group "friends"
    And [6.2.1.4/client-sends/5] the client's INVITE offers MSRP media
    And [6.2.1.4/client-sends/5a] the client's offer has an MSRP URI in path
    And [6.2.1.4/client-sends/5b] the client's offer lists content types
    And [6.2.1.4/on-200/u1] the client subscribes to the state of its conference

  Scenario: The call reaches the server
    When the user calls the group "friends"
    Then [6.2.1.4/client-sends/5-bis] the client's INVITE reaches its proxy

  Scenario: The server knows no UPDATE
    Given the server lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When the user calls the group "friends"
    And the server answers
    And the user refreshes the session
    Then [6.2.1.4/on-200/1] the client asks the server only for methods that were listed, in a refresh too

  Scenario: The user leaves
    When the user calls the group "friends"
    And the server answers
    And the user leaves
    Then [6.2.1.4/on-200/2] the client's BYE goes to the session identity
