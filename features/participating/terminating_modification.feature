@participating
Feature: 6.1.3.2.2 A controlling server's change on its way to the client
  The participating function of a client stands between the controlling server
  and it. As a B2BUA it makes a request of its own on the client's leg; as a SIP
  proxy it passes on the request itself.

      the server  participating         alice
        |-- re-INVITE ->|                  |
        |               |-- re-INVITE ---->|
        |               |<----- 200 -------|
        |<---- 200 -----|                  |
        |---- ACK ----->|------ ACK ------>|
        |==== "from then on" to alice's new port ==>

  @terminating
  Scenario: A change that the client accepts at another port
    Given alice waits for the switch to connect
    And alice thinks about changes
    When the server calls alice
    And alice answers
    And the server takes its leg of the switch
    And the server says "until then"
    And alice hears "until then"
    And the server proposes the types "message/cpim text/html"
    And alice accepts the change at another port
    And the server says "from then on"
    And alice hears "from then on"
    Then [6.1.3.2.2/on-reinvite-b2bua/1] the change of the server makes a request to alice of its own
    And [6.1.3.2.2/on-reinvite-b2bua/2] alice is offered the media parameters of the server
    And [6.1.3.2.2/on-reinvite-b2bua/3] the change of the server reaches alice inside the dialog
    And [6.1.3.2.2/on-200-b2bua/1] the 200 to the change of the server is built from its request
    And [6.1.3.2.2/on-200-b2bua/2] the 200 to the change of the server answers with the media parameters of alice
    And [6.1.3.2.2/on-200-b2bua/3] the 200 to the change of the server comes by the way of its request
    And [6.1.3.2.2/on-200-b2bua/4] "until then" reaches alice at her old port and "from then on" at the new one

  @terminating
  Scenario: A client that refuses
    Given alice thinks about changes
    When the server calls alice
    And alice answers
    And the server proposes the types "message/cpim"
    And alice refuses the change with 488
    Then [6.1.3.2.2/on-final-error/1] the change of the server is refused with 488

  @terminating @proxy
  Scenario: A re-INVITE through a proxy
    When the server calls alice
    And alice answers
    And the server asks for the types "message/cpim text/csv"
    Then [6.1.3.2.2/on-reinvite-proxy/u1] the change of the server is proxied to alice
    And [6.1.3.2.2/on-200-proxy/u1] the 200 of alice is proxied to the server

  @terminating @proxy
  Scenario: A refusal through a proxy
    Given alice thinks about changes
    When the server calls alice
    And alice answers
    And the server proposes the types "message/cpim"
    And alice refuses the change with 488
    Then [6.1.3.2.2/on-final-error/1] the change of the server is refused with 488
