Feature: 7.2.1.6 Modification of a session by a participant
  A participant offers other MSRP parameters in a re-INVITE. The server answers,
  and from then on the switch keeps to what was agreed: another address, other
  types, another direction. A re-INVITE that is refused changes nothing.

      alice          server           bob
        |<=== "before" at the old port |
        |-- re-INVITE ->|              |
        |<---- 200 -----|              |
        |---- ACK ----->|              |
        |<=== "after" at the new port =|

  Scenario: A participant moves to another port
    Given alice waits for the switch to connect
    When alice invites bob
    And bob answers
    And bob says "before"
    And alice hears "before"
    And alice moves to another port
    And bob says "after"
    And alice hears "after"
    Then [7.2.1.6/on-reinvite/1] the change of alice is answered 200 and she is left in the session
    And [7.2.1.6/on-reinvite/2] "before" reaches alice at her old port and "after" at the new one
    And [7.2.1.6/on-reinvite/3] the 200 to the change of alice is built from her request
    And [7.2.1.6/on-reinvite/3a] the 200 to the change of alice carries an SDP answer
    And [7.2.1.6/on-reinvite/3b] the 200 to the change of alice comes by the way of her request

  Scenario: A participant wants other types
    Given alice offers the attributes "max-size:20000"
    When alice invites bob
    And bob answers
    And alice asks for the types "message/cpim text/html"
    And bob hears of the change
    Then [7.2.1.6/on-reinvite/3a.2] every parameter of the answer to the change of alice is in her offer
    And [rfc3264:8/version] the description for alice raises its version when it changes, and only then

  Scenario: Parameters that the server cannot take
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice asks for the types "application/x-unheard-of"
    And bob says "as agreed"
    And alice hears "as agreed"
    Then [7.2.1.6/on-reinvite/1] the change of alice is refused
    And [7.2.1.6/on-reinvite/1.2] the change of alice is refused with 488
    And [rfc3261:14.1/unchanged] "as agreed" reaches alice at her old port

  Scenario: Types that a participant no longer takes
    When alice invites bob, carol
    And bob answers
    And carol answers
    And alice takes her leg of the switch
    And alice asks for the types "message/cpim"
    And bob says "plain words" as "text/plain"
    And carol hears "plain words"
    And bob says "wrapped words"
    And alice hears "wrapped words"
    And carol hears "wrapped words"
    Then [rfc4975:8.6/unlisted] "plain words" does not reach alice, "wrapped words" does

  Scenario: A participant puts the session on hold
    When alice invites bob, carol
    And bob answers
    And carol answers
    And alice takes her leg of the switch
    And alice asks for the attributes "sendonly"
    And bob says "while held"
    And carol hears "while held"
    And alice asks for the attributes "sendrecv"
    And bob says "once more"
    And alice hears "once more"
    And carol hears "once more"
    Then [rfc3264:6.1/direction] the answer to the change of alice to "sendonly" is "recvonly" or "inactive"
    And [rfc4975:8.9/direction] "while held" does not reach alice, "once more" does

  Scenario: A re-INVITE without an offer
    Given alice waits for the switch to connect
    When alice invites bob
    And bob answers
    And bob says "before the ACK"
    And alice hears "before the ACK"
    And alice moves to another port as the answer in her ACK
    And bob says "since the ACK"
    And alice hears "since the ACK"
    Then [rfc3261:14.2/offer-in-2xx] the 200 to the change of alice carries an SDP offer
    And [rfc3261:13.2.1/answer-in-ack] "before the ACK" reaches alice at her old port and "since the ACK" at the new one

  Scenario: A second INVITE before the first is answered
    When alice invites bob
    And bob rings
    And alice hears the ringing
    And alice asks for the types "message/cpim"
    And bob answers
    Then [rfc3261:14.2/second-invite] the change of alice is refused with 500 and a Retry-After of 0 to 10 seconds

  Scenario: The MSRP connection of a participant breaks
    When alice invites bob, carol
    And bob answers
    And carol answers
    And alice takes her leg of the switch
    And alice loses her connection
    Then [rfc4975:5.4/connection-lost] the server sends alice a BYE
