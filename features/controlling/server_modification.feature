Feature: 7.2.2.6 Modification of a session by the server
  What a participant changes may change what the room carries for the others.
  The server then offers them the changed parameters, and keeps to the old ones
  until they agree.

      alice          server           bob
        |-- re-INVITE ->|              |
        |<---- 200 -----|-- re-INVITE >|
        |==== "meanwhile" at bob's old port =>
        |               |<---- 200 ----|
        |               |---- ACK ---->|
        |==== "later on" at his new port ==>

  Scenario: A participant agrees to the change, at another port
    Given bob waits for the switch to connect
    And bob thinks about changes
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice asks for the types "message/cpim"
    And the server asks bob for a change
    And alice says "meanwhile"
    And bob hears "meanwhile"
    And bob accepts the change at another port
    And alice says "later on"
    And bob hears "later on"
    Then [7.2.2.6/server-modifies/1] a re-INVITE reaches bob in his dialog
    And [7.2.2.6/server-modifies/2] the re-INVITE to bob offers changed media parameters
    And [7.2.2.6/server-modifies/3] the re-INVITE to bob goes to his Contact
    And [7.2.2.6/general/u1] "meanwhile" reaches bob at his old port before his 200
    And [7.2.2.6/on-200/1] "meanwhile" reaches bob at his old port and "later on" at the new one
    And [rfc3264:8/version] the description for bob raises its version when it changes, and only then
    And [rfc3261:13.2.2.4/ack] every 200 of bob to a re-INVITE is acknowledged

  Scenario: A participant refuses the change
    Given bob waits for the switch to connect
    And bob thinks about changes
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice asks for the types "message/cpim"
    And bob refuses the change with 488
    And alice says "as before"
    And bob hears "as before"
    Then [7.2.2.6/general/u1] "as before" reaches bob at his old port
    And [rfc3261:14.1/unchanged] "as before" reaches bob at his old port

  Scenario: Both want a change at once
    Given bob thinks about changes
    When alice invites bob
    And bob answers
    And alice asks for the types "message/cpim"
    And the server asks bob for a change
    And bob asks for the types "message/cpim"
    And bob refuses the change with 491
    And the server asks bob for a change
    And bob accepts the change
    Then [rfc3261:14.2/glare] the change of bob is refused with 491
    And [rfc3261:14.1/retry] the server asks bob again 2.1 to 4 seconds after his 491
