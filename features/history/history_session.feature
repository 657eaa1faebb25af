@history
Feature: 13.1.1.1 The history function opens a session
  Somebody has asked for what was recorded. The function calls the conference factory
  on his behalf and delivers it in the session, one message after the other.

      function                       server
        |------------ INVITE ---------->|  to the factory, from the one who asked
        |<------------- 200 ------------|
        |---------- SUBSCRIBE --------->|  conference
        |============ SEND ============>|  what was recorded

  Scenario: A session of the conference factory
    When the function delivers what was recorded
    And the server answers
    Then [13.1.1.1/history-sends/1] the function's INVITE keeps the general rules
    And [13.1.1.1/history-sends/2] the function's INVITE is for the conference factory
    And [13.1.1.1/history-sends/3] the function's INVITE is from the one whose history it is
    And [13.1.1.1/history-sends/4] the function's INVITE offers MSRP media
    And [13.1.1.1/on-200/4] the function subscribes to the state of its conference

  Scenario: The call reaches the server
    When the function delivers what was recorded
    Then [13.1.1.1/history-sends/5] the function's INVITE reaches its proxy

  Scenario: The server knows no UPDATE
    Given the server lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When the function delivers what was recorded
    And the server answers
    And the function refreshes the session
    Then [13.1.1.1/on-200/1] the function asks the server only for methods that were listed, in a refresh too

  Scenario: The function leaves
    When the function delivers what was recorded
    And the server answers
    And the function leaves
    Then [13.1.1.1/on-200/2] the function's BYE goes to the session identity

  Scenario: What was recorded is delivered
    Given alice waits for the function to connect
    When alice invites the function
    And alice is answered
    And alice tells the function "First for the record"
    And alice tells the function "Second for the record"
    And alice leaves
    And the function delivers what was recorded
    And the server answers
    And the server hears "Second for the record"
    Then [13.1.1.1/on-200/5] the server gets "First for the record" and then "Second for the record" once it has answered
