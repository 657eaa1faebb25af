@client
Feature: 003:7.1.1.1 Requests of the client
  Whatever the client asks for first, it says that it is about instant messaging, which
  release it is of and what it can do; then it uses what the server said of itself.

  Scenario: The first request of a call
    When the user calls bob
    And bob answers
    Then [003:7.1.1.1/client-sends/stem] the client's INVITE is built as RFC 3261 asks
    And [003:7.1.1.1/client-sends/2] the client's INVITE names the IM release in User-Agent
    And [003:7.1.1.1/client-sends/3] the client's INVITE lists its methods in Allow
    And [003:7.1.1.1/client-sends/4] the client's INVITE has +g.oma.sip-im in Contact
    And [003:7.1.1.1/client-sends/6] the client's INVITE supports timer
    And [003:7.1.1.1/client-sends/7] the client's INVITE asks to refresh the session itself

  Scenario: Every first request is about instant messaging
    When the user starts a conference with bob, carol
    And the server answers
    And the user follows the session
    And the user sends bob the message "Hello"
    Then [003:7.1.1.1/client-sends/1] the client's INVITE and MESSAGE have +g.oma.sip-im in Accept-Contact, and so has every SUBSCRIBE

  Scenario: A caller who wants to be anonymous
    When the user calls bob anonymously
    And bob answers
    Then [003:7.1.1.1/client-sends/5] the client's INVITE asks for privacy id

  Scenario: A server that does not know UPDATE
    Given bob lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When the user calls bob
    And bob answers
    And the user refreshes the session
    Then [003:7.1.1.1/on-response/1] the client asks bob only for methods that were listed, in a refresh too

  Scenario: A server that is reached elsewhere
    Given bob rings at "bob.desk" and answers at "bob.mobile"
    When the user calls bob
    And bob rings
    And bob answers
    Then [003:7.1.1.1/on-response/2] the client's ACK goes to the Contact of bob

  @long-wait
  Scenario: A short session interval
    Given bob asks for a session interval refreshed by "uac"
    When the user calls bob
    And bob answers
    Then [003:7.1.1.1/on-200/1] the client refreshes the session with bob before two thirds of the interval

  Scenario: A session of a group
    When the user starts a conference with bob, carol
    And the server answers
    Then [003:7.1.1.1/on-200/2] the client subscribes to the state of its conference
