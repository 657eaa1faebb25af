@participating
Feature: 6.1.1 The core tells who is registered
  The SIP/IP core registers a user at the participating function as a third
  party: From is the core, To the user. Expires 0 says that the user has gone.

  @terminating
  Scenario: A user comes and goes
    When the core tells that alice is registered for 600 seconds
    And the core tells that alice is registered no longer
    Then [6.1.1/general/u1] the REGISTER about alice is accepted
    And [6.1.1/on-register/u1] each REGISTER about alice is answered 200 or refused
    And [6.1.1/on-register/u2] each 200 to a REGISTER about alice repeats its Expires

  @terminating
  Scenario: Somebody whom the function does not serve
    When the core tells that somebody of another domain is registered
    Then [6.1.1/on-register/u1] each REGISTER about stranger is answered 200 or refused

  @terminating
  Scenario: A message that waits for its user
    When the core tells that alice is registered no longer
    And the server sends alice the message "for later"
    And the core tells that alice is registered for 600 seconds
    And alice gets the message "for later"
    And the core tells that alice is registered for 600 seconds
    Then [6.1.1/on-register/1] "for later" reaches alice between two REGISTERs, and not before

  @terminating @proxy
  Scenario: A user of a proxy
    When the core tells that alice is registered for 600 seconds
    Then [6.1.1/general/u1] the REGISTER about alice is accepted
    And [6.1.1/on-register/u2] each 200 to a REGISTER about alice repeats its Expires
