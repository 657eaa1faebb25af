@client
Feature: 7.1.2.2 Client receiving a modification of its session
  The server offers other MSRP parameters in a re-INVITE. The client takes what
  it can and refreshes the session from now on, or it refuses and nothing changes.

      alice            client            user
        |<==== "before" to the old port ===|
        |-- re-INVITE --->|                |
        |<----- 200 ------|                |
        |------ ACK ----->|                |
        |<==== "after" to the new port ====|

  Scenario: The server moves to another port
    Given alice waits for the client to connect
    When alice invites the user
    And the user accepts
    And the user says "before"
    And alice moves to another port
    And the user says "after"
    Then [7.1.2.2/on-reinvite/1] the change of alice is answered 200 and she is left in the session
    And [7.1.2.2/on-reinvite/2] "before" reaches alice at her old port and "after" at the new one
    And [7.1.2.2/on-reinvite/3] the 200 to the change of alice is built from her request
    And [7.1.2.2/on-reinvite/6] the answer to the change of alice takes types of her offer
    And [7.1.2.2/on-reinvite/7] the 200 to the change of alice comes by the way of her request

  Scenario: The server wants other types and asks the client to refresh
    Given alice asks for a session interval refreshed by "uas"
    When alice invites the user
    And the user accepts
    And alice asks for the types "message/cpim"
    Then [7.1.2.2/on-reinvite/4] the 200 to the refresh of alice carries Session-Expires with refresher "uas"
    And [7.1.2.2/on-reinvite/5] the 200 to the change of alice supports "timer"
    And [7.1.2.2/on-reinvite/6.2] the answer to the change of alice takes "message/cpim"

  Scenario: Types that the client takes only in part
    When alice invites the user
    And the user accepts
    And alice asks for the types "message/cpim application/x-unheard-of"
    Then [7.1.2.2/on-reinvite/1a] the change of alice is answered with a part of her types, or with 488

  Scenario: Types that the client cannot take
    When alice invites the user
    And the user accepts
    And alice asks for the types "application/x-unheard-of"
    Then [7.1.2.2/on-reinvite/1] the change of alice is refused
    And [7.1.2.2/on-reinvite/1b] the change of alice is refused with 488

  @long-wait
  Scenario: The server shortens the interval
    Given alice asks for a session of 10 intervals refreshed by "uas"
    When alice invites the user
    And the user accepts
    And alice shortens the session to one interval refreshed by "uas"
    Then [7.1.2.2/on-reinvite/4.2] the client refreshes the session of alice within the interval after her change
