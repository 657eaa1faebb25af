@participating
Feature: 12.4.2.2 Messages for a user who is not there
  The terminating participating function keeps a MESSAGE for a user who is not
  registered, says so with 202, and delivers it when the core tells that the
  user has come.

  @terminating
  Scenario: A message waits until its receiver registers
    When alice leaves a message for bob
    And the core tells that bob is registered for 600 seconds
    Then [rfc3428:7/202-when-kept] the MESSAGE of alice is accepted with 202
    And [6.1.1/on-register/1] what alice left reaches bob once he is registered

  @terminating
  Scenario: Several messages wait, and their receiver takes his time
    Given bob does not answer messages yet
    When alice leaves a message for bob
    And alice leaves a message for bob
    And the core tells that bob is registered for 600 seconds
    And bob answers his message
    Then [rfc3428:8/deferred-one-at-a-time] bob gets 2 messages, each after the answer to the one before

  @terminating
  Scenario: A message that nobody may read any more
    Given alice wrote in 2010 what was good for 60 seconds
    When alice leaves a message for bob
    And carol leaves a message for bob
    And the core tells that bob is registered for 600 seconds
    Then [rfc3428:7/out-of-date] bob gets the message of carol and none of alice

  @terminating @proxy
  Scenario: A message waits at a proxy
    When alice leaves a message for bob
    And the core tells that bob is registered for 600 seconds
    Then [rfc3428:7/202-when-kept] the MESSAGE of alice is accepted with 202
    And [6.1.1/on-register/1] what alice left reaches bob once he is registered
