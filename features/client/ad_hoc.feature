@client
Feature: 6.2.1.3 The client starts an ad-hoc conference

  Scenario: A conference with two users
    When the user starts a conference with bob, carol
    And the server answers
    Then [6.2.1.3/client-sends/1] the client's INVITE keeps the general rules
    And [6.2.1.3/client-sends/2] the client's INVITE is for the conference factory
    And [6.2.1.3/client-sends/3] the client's INVITE lists bob, carol
    And [6.2.1.3/client-sends/5] the client's INVITE offers MSRP media
    And [6.2.1.3/client-sends/5a] the client's offer has an MSRP URI in path
    And [6.2.1.3/client-sends/5b] the client's offer lists content types
    And [6.2.1.3/on-200/u1] the client subscribes to the state of its conference

  Scenario: The call reaches the server
    When the user starts a conference with bob, carol
    Then [6.2.1.3/client-sends/5-bis] the client's INVITE reaches its proxy

  Scenario: One user too many
    When the user starts a conference with one user more than the client may invite
    And the user calls bob
    And bob answers
    Then [6.2.1.3/client-sends/4] the client sends no INVITE to the conference factory
    And [6.2.1.3/client-sends/4.2] the client tells the user of the limit

  Scenario: As many users as may be
    When the user starts a conference with one user less than the client may invite
    And the server answers
    Then [6.2.1.3/client-sends/4] the client's INVITE lists one user less than it may

  Scenario: The server knows no UPDATE
    Given the server lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When the user starts a conference with bob, carol
    And the server answers
    And the user refreshes the session
    Then [6.2.1.3/on-200/1] the client asks the server only for methods that were listed, in a refresh too

  Scenario: The user leaves
    When the user starts a conference with bob, carol
    And the server answers
    And the user leaves
    Then [6.2.1.3/on-200/2] the client's BYE goes to the session identity
