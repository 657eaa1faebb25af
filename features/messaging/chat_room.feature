Feature: RFC 7701 The session as a chat room
  Alice, bob and carol list chatroom in their session descriptions. The switch
  then reads the envelope of every message: the address of the session means
  everybody but the sender, the address of a participant that participant alone.

      alice          switch           bob            carol
        |-- To room --->|-------------->|               |
        |               |------------------------------>|
        |-- To bob ---->|-------------->|               |

  Scenario: The session says that it is a chat room
    Given alice, bob know chat rooms
    When alice invites bob
    And bob answers
    Then [rfc7701:8/offer] the INVITE to bob offers a chat room
    And [rfc7701:8/answer] the 200 to alice answers with a chat room

  Scenario: Something for everybody, something for bob
    Given alice, bob, carol know chat rooms
    When alice invites bob, carol
    And bob answers
    And carol answers
    And bob, carol are in the room
    And alice takes her leg of the switch
    And alice tells the room "Hello all"
    And alice tells bob "Between us"
    And bob hears "Between us"
    And bob tells the room "Hello back"
    Then [rfc7701:6.1/everybody] bob, carol get "Hello all", and alice only "Hello back"
    And [rfc7701:6.2/private] bob get "Between us", and carol only "Hello back"

  Scenario: Private messages that cannot be delivered
    Given alice, bob know chat rooms
    And carol knows chat rooms without private messages
    When alice invites bob, carol
    And bob answers
    And carol answers
    And bob, carol are in the room
    And alice takes her leg of the switch
    And alice tells dave "Are you here"
    And alice tells carol "Just you"
    And alice tells bob, carol "You two"
    Then [rfc7701:6.2/unknown-recipient] "Are you here" of alice is refused with 404 and reaches nobody
    And [rfc7701:6.2/no-private-messages] "Just you" of alice is refused with 428 and reaches nobody
    And [rfc7701:6.2/several-recipients] "You two" of alice is refused with 403 and reaches nobody

  @violates
  Scenario: A sender who keeps no rules
    Given alice, bob know chat rooms
    When alice invites bob
    And bob answers
    And bob is in the room
    And alice takes her leg of the switch
    And alice tells the room "I am bob" in the name of bob
    And alice sends "Bare" without an envelope
    And alice sends "Past the end" as octets "9-*/4"
    And alice sends "Far too long" as octets "1-*/999999999999"
    And bob tells the room "Never mind"
    And alice hears "Never mind"
    And alice tells the room "Sorry"
    Then [rfc7701:6.1/own-address] "I am bob" of alice is refused with 403 and reaches nobody
    And [rfc7701:6.1/envelope] "Bare" of alice is refused with 415 and reaches nobody
    And [rfc4975:10.2/range] "Past the end" of alice is refused with 400 and reaches nobody
    And [rfc4975:10.5/too-large] "Far too long" of alice is refused with 413 and reaches nobody
    And [rfc4975:10.1/others-go-on] alice gets "Never mind" and bob gets "Sorry"

  Scenario: Somebody comes while a message is under way
    Given alice, bob, carol know chat rooms
    When alice invites bob, carol
    And bob answers
    And alice takes her leg of the switch
    And alice sends "First half" as octets "1-*/400"
    And carol answers
    And carol is in the room
    And alice sends "second half" as the end of it
    And alice tells the room "Hello Carol"
    Then [rfc7701:6.1/late-joiner] bob get "second half", and carol only "Hello Carol"

  Scenario: A message given up
    Given alice, bob know chat rooms
    When alice invites bob
    And bob answers
    And bob is in the room
    And alice takes her leg of the switch
    And alice sends "To be continued" as octets "1-*/400"
    And alice gives the message up
    Then [rfc4975:7.1/abort] bob is told that "To be continued" has no end

  Scenario: What the envelope holds is nobody's business
    Given alice, bob know chat rooms
    And carol takes nothing but plain text in an envelope
    When alice invites bob, carol
    And bob answers
    And carol answers
    And bob, carol are in the room
    And alice takes her leg of the switch
    And alice asks bob for a notification of "Read me"
    And bob hears "Read me"
    And bob notifies alice of the delivery
    And alice hears "delivered"
    And alice tells the room "<b>Bold</b>" as "text/html"
    And alice tells the room "Plain"
    Then [rfc7701:6.1/unchanged] the messages between alice and bob arrive as they were sent
    And [rfc4975:8.6/unlisted-wrapped] bob get "<b>Bold</b>", and carol only "Plain"

  Scenario: A nickname
    Given alice, bob know chat rooms
    When alice invites bob
    And bob answers
    And bob is in the room
    And alice takes her leg of the switch
    And alice subscribes to the conference state
    And alice asks for the nickname "Wonder"
    And bob asks for the nickname "WONDER"
    And bob asks for a nickname without quotes
    And alice gives her nickname up
    And bob asks for the nickname "wonder"
    Then [rfc7701:7.1/accepted] the NICKNAME "Wonder" of alice is answered 200
    And [rfc7701:7.1/in-use] the NICKNAME "WONDER" of bob is answered 425
    And [rfc7701:7.1/malformed] the NICKNAME without quotes of bob is answered 424
    And [rfc7701:7.3/removed] the NICKNAME "" of alice and the NICKNAME "wonder" of bob are accepted
    And [rfc7701:7.4/conference-state] a NOTIFY tells alice that bob is called "wonder"
