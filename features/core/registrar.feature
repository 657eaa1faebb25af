@core
Feature: Registrar of the SIP/IP core
  Whoever is served by the core registers, and proves to be the user. Nobody
  registers for somebody else, and what was heard on the wire is of no use again.

  Scenario: A REGISTER that proves nothing
    When alice registers without proving it
    Then [rfc3261:10.3/challenge] the REGISTER of alice is challenged for qop auth with a fresh nonce
    And [rfc8760:2.4/algorithms] the challenge of alice can be answered by SHA-256 and by MD5

  Scenario: A user registers
    When alice registers
    Then [rfc3261:10.3/bindings] the 200 to the REGISTER of alice lists her contact and how long it holds
    And [ts24229:5.4.1.7/registered] the server is told that alice is registered

  Scenario: A wrong password
    When alice registers with the password "a guess"
    Then [rfc7616:3.4/wrong-digest] the REGISTER of alice is turned away with 401 or 403

  Scenario: A user registers for somebody else
    When alice registers the address of bob
    Then [rfc3261:10.3/authorised] the REGISTER of alice is turned away with 403 or 403

  Scenario: A REGISTER that somebody overheard
    When alice registers
    And somebody repeats the REGISTER of alice, to end the registration
    Then [rfc7616:5.5/replay] the REGISTER of alice is turned away with 401 or 403

  Scenario: A registration that is hardly worth it
    When alice registers for 5 seconds
    Then [rfc3261:10.3/too-brief] the REGISTER of alice is found too brief, and what would do is said

  Scenario: A user takes every contact back
    When alice registers
    And alice takes back every registration
    Then [rfc3261:10.3/all-contacts] the 200 to the REGISTER of alice lists no contact
    And [ts24229:5.4.1.7/registered-no-more] the server is told that alice is registered no more
