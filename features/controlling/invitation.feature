Feature: 7.2.2.2 Invitation of a user to a session
  For every guest the server makes an INVITE of its own, as the focus of the
  session, and sends it to the SIP/IP core.

  Scenario: The invitation
    Given alice is called "Ally"
    And alice offers the attributes "max-size:20000, accept-wrapped-types:text/plain"
    When alice invites bob, carol
    And bob answers
    And carol answers
    Then [7.2.2.2/server-invites/1] the INVITE to bob is built by the general rules
    And [7.2.2.2/server-invites/2.2] the INVITE to bob asserts alice as "Ally"
    And [7.2.2.2/server-invites/3] bob, carol are each invited under their own address
    And [7.2.2.2/server-invites/4] the INVITE to bob carries an SDP offer
    And [7.2.2.2/server-invites/4a] the offer to bob has the attributes "max-size, accept-wrapped-types"
    And [7.2.2.2/server-invites/5] the INVITE to bob reaches the SIP/IP core

  Scenario: A guest listed twice
    When alice invites bob, bob
    And bob answers
    Then [rfc5366:4/duplicates] bob is invited once

  Scenario: The guests may see each other
    Given alice lists her guests openly
    When alice invites bob, carol
    And bob answers
    And carol answers
    Then [rfc5366:5/history] the INVITE to bob shows carol in its list of recipients

  Scenario: What the server remembers of a ringing guest
    Given bob lists "INVITE, ACK, CANCEL, BYE" in Allow
    And bob is reached at "bob.pad"
    When alice invites bob
    And bob rings
    And bob answers
    And alice leaves
    Then [7.2.2.2/on-provisional/1] the first request to bob in the dialog is of a method in his Allow
    And [7.2.2.2/on-provisional/2] the ACK to bob goes to his Contact

  Scenario: What the server remembers of a guest who accepts
    Given bob lists "INVITE, ACK, CANCEL, BYE" in Allow
    And bob rings at "bob.phone" and answers at "bob.pad"
    When alice invites bob
    And bob rings
    And bob answers
    And alice leaves
    Then [7.2.2.2/on-200/1] the first request to bob in the dialog is of a method in his Allow
    And [7.2.2.2/on-200/2] the ACK to bob goes to his Contact

  Scenario: The guest gets the messages of the session
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice says "Hello Bob"
    Then [7.2.2.2/on-200/4] bob receives "Hello Bob" from the switch

  Scenario: A subscriber is told who is alerted and who joins
    When alice invites bob, carol
    And bob answers
    And alice subscribes to the conference state
    And carol rings
    And carol answers
    Then [rfc6665:4.2.1/subscribe-200-expires] the 200 to the SUBSCRIBE of alice carries Expires
    And [rfc4575:3/notify-full] the first NOTIFY to alice holds the full state
    And [7.2.2.2/on-180/1] a NOTIFY tells alice that carol is alerted
    And [7.2.2.2/on-200/5] a NOTIFY tells alice that carol is connected
    And [rfc4575:4/version] each NOTIFY to alice raises the version by one
