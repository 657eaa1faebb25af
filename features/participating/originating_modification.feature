@participating
Feature: 6.1.2.2.4 A client's change on its way to the controlling server
  The participating function of a client stands between it and the controlling
  server. As a B2BUA it makes a request of its own on the other leg and answers
  with what comes back; as a SIP proxy it passes on the request itself.

      alice       participating       the server
        |-- re-INVITE ->|                  |
        |               |-- re-INVITE ---->|
        |               |<----- 200 -------|
        |<---- 200 -----|                  |
        |---- ACK ----->|------ ACK ------>|
        |==== "after" to the server's new port ====>

  Scenario: A change that the controlling server accepts at another port
    Given the server waits for the switch to connect
    And the server thinks about changes
    When alice invites bob
    And the server answers
    And alice takes her leg of the switch
    And alice says "before"
    And the server hears "before"
    And alice proposes the types "message/cpim text/html"
    And the server accepts the change at another port
    And alice says "after"
    And the server hears "after"
    Then [6.1.2.2.4/on-reinvite-b2bua/1] the change of alice is passed on to the server and answered 200
    And [6.1.2.2.4/on-reinvite-b2bua/2] the change of alice makes a request to the server of its own
    And [6.1.2.2.4/on-reinvite-b2bua/3] the server is offered the media parameters of alice
    And [6.1.2.2.4/on-reinvite-b2bua/4] the change of alice reaches the server inside the dialog
    And [6.1.2.2.4/on-200/1] the 200 to the change of alice is built from her request
    And [6.1.2.2.4/on-200/2] "before" reaches the server at its old port and "after" at the new one
    And [6.1.2.2.4/on-200/3] the 200 to the change of alice comes by the way of her request
    And [rfc3264:4/answered] the 200 to the change of alice carries an SDP answer

  Scenario: Parameters that the participating function cannot take
    When alice invites bob
    And the server answers
    And alice asks for the types "application/x-unheard-of"
    Then [6.1.2.2.4/on-reinvite-b2bua/1] the change of alice is refused
    And [6.1.2.2.4/on-reinvite-b2bua/1.2] the change of alice is refused with 488

  Scenario: A controlling server that does not know UPDATE
    Given the server lists "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS" in Allow
    When alice invites bob
    And the server answers
    And alice asks for the types "message/cpim text/calendar"
    Then [6.1.2.2.4/on-reinvite-b2bua/2.2] the change of alice reaches the server by a method that was announced

  Scenario: A controlling server that refuses
    Given the server thinks about changes
    When alice invites bob
    And the server answers
    And alice proposes the types "message/cpim"
    And the server refuses the change with 606
    Then [6.1.2.2.4/on-final-error/u1] the change of alice is refused with 606

  @proxy
  Scenario: A re-INVITE through a proxy
    When alice invites bob
    And the server answers
    And alice asks for the types "message/cpim text/csv"
    Then [6.1.2.2.4/on-reinvite-proxy/u1] the change of alice is proxied to the server

  @proxy
  Scenario: An UPDATE through a proxy
    When alice invites bob
    And the server answers
    And alice refreshes the session by UPDATE
    Then [6.1.2.2.4/on-reinvite-proxy/u1] the change of alice is proxied to the server

  @proxy
  Scenario: A refusal through a proxy
    Given the server thinks about changes
    When alice invites bob
    And the server answers
    And alice proposes the types "message/cpim"
    And the server refuses the change with 606
    Then [6.1.2.2.4/on-final-error/u1] the change of alice is refused with 606
