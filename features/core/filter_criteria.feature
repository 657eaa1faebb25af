@core
Feature: C.1 Originating filter criteria
  The core gives what its users send to the originating port of the IM server,
  when it is an INVITE, MESSAGE, SUBSCRIBE or REFER about instant messaging. A
  MESSAGE of somebody who does not know that feature goes through the core.

      alice            core      IM server, originating port      bob
        |-- INVITE ---->|                   |                      |
        |               |---- INVITE ------>|                      |
        |               |<--- INVITE -------|                      |
        |               |---- INVITE ---------------------------->|

  Scenario: A call
    When alice registers
    And bob registers
    And alice sends bob an INVITE
    Then [C.1/filter/u1] the INVITE of alice reaches the server before anybody else
    When the server gives the INVITE back
    And bob rings
    And alice hears the ringing
    And bob answers

  Scenario: A feature whose name only begins like ours
    Given alice names the features "*;+g.oma.sip-im.large-message;require;explicit"
    When alice registers
    And bob registers
    And alice sends bob an INVITE
    Then [C.1/filter/u1] the INVITE of alice reaches bob and not the server
    When bob answers

  Scenario: The feature among others, in compact form
    Given alice names the features "*;audio" and "*;video, *;require;+g.oma.sip-im" in compact form
    When alice registers
    And bob registers
    And alice sends bob an INVITE
    Then [C.1/filter/u1] the INVITE of alice reaches the server before anybody else
    When the server gives the INVITE back
    And bob answers

  Scenario: A message
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    Then [C.1/filter/u2] the MESSAGE of alice reaches the server before anybody else
    When the server gives the MESSAGE back

  Scenario: A message of somebody who knows no instant messaging
    Given alice names no feature
    When alice registers
    And bob registers
    And alice sends bob a MESSAGE
    Then [C.1/filter/u3] the MESSAGE of alice reaches bob and not the server

  Scenario: A subscription
    When alice registers
    And bob registers
    And alice sends bob a SUBSCRIBE
    Then [C.1/filter/u4] the SUBSCRIBE of alice reaches the server before anybody else

  Scenario: A transfer
    When alice registers
    And bob registers
    And alice sends bob a REFER
    Then [C.1/filter/u5] the REFER of alice reaches the server before anybody else
