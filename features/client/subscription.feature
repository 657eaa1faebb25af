@client
Feature: 7.1.1.11 Client follows who is in its session
  The client subscribes to the state of the conference that it is in, and keeps the
  subscription for as long as the session goes on.

      client           server
        |-- SUBSCRIBE --->|  Event: conference
        |<---- 200 -------|
        |<--- NOTIFY -----|  who is there
        |----- 200 ------>|

  Scenario: The client follows its session
    When the user starts a conference with bob, carol
    And the server answers
    And the user follows the session
    Then [rfc6665:4.1.2.1/subscribe] the client subscribes to the event "conference" and takes its documents
    And [rfc6665:4.1.3/answer] the client answers each NOTIFY with 200

  @long-wait
  Scenario: The subscription would run out
    Given the server grants subscriptions of 90 seconds
    When the user starts a conference with bob, carol
    And the server answers
    Then [rfc6665:4.1.2.2/refresh] the client renews its subscription within 90 seconds
