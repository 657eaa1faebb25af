@participating
Feature: RFC 4745 A user's rules say who may reach the user
  The terminating participating function asks the XDMS for the user's access
  policy, a rule set of common policy: what several rules allow adds up, and
  what none allows is not allowed.

      alice        participating         XDMS
        |-- MESSAGE --->|                  |
        |               |-- GET rules of bob ->|
        |               |<----- 200 -----------|
        |<---- 403 -----|                  |

  @terminating
  Scenario: A sender whom no rule is about
    Given bob lets nobody but carol send messages
    When alice leaves a message for bob
    Then [rfc4745:10.2/not-allowed] the MESSAGE of alice is refused with 403

  @terminating
  Scenario: A caller who may send messages
    Given bob lets nobody but carol send messages
    When carol calls bob
    Then [rfc4745:10.2/not-allowed] the INVITE of carol is refused with 403

  @terminating
  Scenario: A sender who is excepted
    Given bob lets everybody but alice send messages
    When alice leaves a message for bob
    Then [rfc4745:7.1.3/except] the MESSAGE of alice is refused with 403

  @terminating
  Scenario: A condition that the function cannot decide
    Given bob lets alice send messages when the place is known
    When alice leaves a message for bob
    Then [rfc4745:7/all-conditions] the MESSAGE of alice is refused with 403

  @terminating
  Scenario: Two rules, each for a part
    Given one rule of bob lets alice set up sessions and another send messages
    When alice leaves a message for bob
    Then [rfc4745:10.2/combined] the MESSAGE of alice is accepted with 202

  @terminating @proxy
  Scenario: A sender whom no rule is about, at a proxy
    Given bob lets nobody but carol send messages
    When alice leaves a message for bob
    Then [rfc4745:10.2/not-allowed] the MESSAGE of alice is refused with 403
