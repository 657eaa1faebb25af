@core
Feature: Proxy and trust boundary of the SIP/IP core
  The core carries requests to users and servers and their answers back. Servers
  believe what it says of senders; what senders say of themselves does not count.

  Scenario: A call by way of the server
    When alice registers
    And bob registers
    And alice sends bob an INVITE
    And the server gives the INVITE back
    And bob answers
    And alice leaves
    Then [rfc3261:16.6/max-forwards] the INVITE of alice has one hop less for each proxy when it is at bob
    And [rfc3261:16.7/via] the answer to the INVITE of alice comes back by her own Via alone
    And [rfc3261:16.4/own-route] the BYE of alice reaches bob by the Route that the core asked for

  Scenario: Who sends a message
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    Then [rfc3325:5/asserted] the MESSAGE of alice says at the server that it is from alice
    When the server gives the MESSAGE back

  Scenario: A user who claims to be another
    Given alice claims to be bob
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    Then [rfc3325:5/outside] the MESSAGE of alice says at the server that it is from alice
    When the server gives the MESSAGE back

  Scenario: A user who does not want to be known
    Given alice wants the core to keep her identity
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    And the server gives the MESSAGE back
    Then [rfc3325:7/privacy] the MESSAGE of alice does not say to bob whom the core knows

  Scenario: A request that may go no further
    Given alice allows no more than 0 hops
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    Then [rfc3261:16.3/max-forwards] the core answers the MESSAGE of alice with 483 itself

  Scenario: A request that comes back as it left
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    And the server gives the MESSAGE back without its Route
    Then [rfc3261:16.3/loop] what the server gives back is refused with 482

  Scenario: A user who is not there
    Given alice names no feature
    When alice registers
    And alice sends bob a MESSAGE
    Then [rfc3261:16.5/nobody-there] the core answers the MESSAGE of alice with 480 itself
