Feature: 7.2.1.12 Subscribing to participant information
  Whoever wants to know who is in a session, or in the session of a group, sends
  a SUBSCRIBE. The server tells the whole state first, then what changes in it.

      alice          server          carol
        |-- SUBSCRIBE ->|               |
        |<---- 200 -----|               |
        |<-- NOTIFY ----|  full         |
        |---- 200 ----->|               |
        |               |<---- 200 -----|  carol joins
        |<-- NOTIFY ----|  partial      |
        |---- 200 ----->|               |

  Scenario: Alice follows her session
    When alice invites bob, carol
    And bob answers
    And alice subscribes to the conference state
    And carol rings
    And carol answers
    And bob leaves
    Then [7.2.1.12/on-subscribe/5] the NOTIFYs to alice come in the dialog of her SUBSCRIBE
    And [7.2.1.12/on-subscribe/6] the SUBSCRIBE of alice is answered 200 or 202
    And [7.2.1.12/on-subscribe/7] the answer to the SUBSCRIBE of alice names the server in Contact
    And [7.2.1.12/on-subscribe/8] the answer to the SUBSCRIBE of alice carries P-Asserted-Identity
    And [7.2.1.12/on-subscribe/8a] the answer to the SUBSCRIBE of alice asserts the conference factory
    And [7.2.1.12/on-subscribe/9] the answer to the SUBSCRIBE of alice supports "norefersub"
    And [7.2.1.12/on-subscribe/10] the answer to the SUBSCRIBE of alice is built from her request
    And [7.2.1.12/on-subscribe/11] the first NOTIFY to alice is one of a conference state
    And [7.2.1.12/on-subscribe/12] the first NOTIFY to alice goes to her Contact
    And [7.2.1.12/on-state-change/u1] the conference view of alice follows who joins and who leaves
    And [rfc4575:4.4/consistent] the states in each document to alice agree
    And [rfc4575:4.4/only-changes] the partial documents to alice hold only who changed
    And [rfc4575:5.2/entity] the documents to alice are about what she subscribed to
    And [rfc6665:4.1.3/subscription-state] each NOTIFY to alice says what becomes of the subscription
    And [rfc6665:4.1.3/expires] no NOTIFY to alice promises more time than was granted

  Scenario: The session ends
    When alice invites bob
    And bob answers
    And alice subscribes to the conference state
    And bob leaves
    Then [7.2.1.12/on-terminate/u1] the end of the session ends the subscription of alice
    And [rfc6665:4.1.3/noresource] the subscription of alice ends for the reason "noresource"
    And [rfc4575:4.6/deleted] the last document to alice says that the conference is gone

  Scenario: A session that nobody knows
    When alice invites bob
    And bob answers
    And alice subscribes to a session that is not there
    Then [7.2.1.12/on-subscribe/1] the SUBSCRIBE of alice is refused and starts no subscription
    And [7.2.1.12/on-subscribe/1.2] the SUBSCRIBE of alice is answered 404 or 410

  Scenario: A subscriber who is not authorised
    When alice invites bob
    And bob answers
    And mallory subscribes to the session of alice
    Then [7.2.1.12/on-subscribe/3] the SUBSCRIBE of mallory is refused and starts no subscription
    And [7.2.1.12/on-subscribe/3.2] the SUBSCRIBE of mallory is answered 403

  Scenario: Alice refreshes her subscription
    When alice invites bob
    And bob answers
    And alice subscribes to the conference state for 600 seconds
    And alice refreshes the subscription for 300 seconds
    Then [rfc6665:4.2.1.2/notify] every accepted SUBSCRIBE of alice is followed by a NOTIFY of its own
    And [rfc4575:3/refresh-full] the refresh of alice is followed by the full state
    And [rfc6665:4.2.1/subscribe-200-expires] the 200 to the SUBSCRIBE of alice carries Expires

  Scenario: Alice unsubscribes
    When alice invites bob, carol
    And bob answers
    And alice subscribes to the conference state
    And bob subscribes to the session of alice
    And alice unsubscribes
    And carol answers
    Then [7.2.1.12/on-state-change/u1] the conference view of bob follows who joins and who leaves
    And [rfc6665:4.2.1.4/unsubscribe] the SUBSCRIBE of alice with Expires 0 is followed by the last NOTIFY

  @long-wait
  Scenario: Alice lets her subscription run out
    When alice invites bob
    And bob answers
    And alice subscribes to the conference state for 60 seconds
    And alice lets the subscription of 60 seconds run out
    Then [rfc6665:4.2.2/timeout] the subscription of alice ends when its time is over

  @long-wait
  Scenario: Two changes at once
    When alice invites bob, carol
    And bob answers
    And alice subscribes to the conference state
    And carol rings
    And carol declines with 603
    Then [rfc4575:3.10/rate] alice is told of changes no more often than every 5 seconds

  Scenario: A subscription that is hardly worth it
    When alice invites bob
    And bob answers
    And alice subscribes to the conference state for 5 seconds
    Then [rfc6665:4.2.1.1/too-brief] alice is refused the short subscription with Min-Expires, or gets it

  Scenario: Another event
    When alice invites bob
    And bob answers
    And alice subscribes to the event "no-such-event" of her session
    Then [rfc6665:4.2.1/bad-event] the SUBSCRIBE of alice is refused with 489 and the event "conference"

  Scenario: A subscriber that has forgotten
    When alice invites bob, carol
    And bob answers
    And alice subscribes to the conference state
    And bob subscribes to the session of alice
    And alice forgets the subscription
    And carol rings
    And alice refuses a NOTIFY
    And carol answers
    And carol leaves
    Then [rfc6665:4.2.2/notify-481] alice is told nothing more after her 481, while bob is

  Scenario: A storm of subscriptions
    When alice invites bob, carol
    And bob answers
    And bob subscribes to the session of alice
    And alice subscribes to the conference state 12 times
    And carol answers
    Then [7.2.1.12/on-subscribe/10] every SUBSCRIBE of alice is answered
    And [7.2.1.12/on-state-change/u1] the conference view of bob follows who joins and who leaves

  Scenario: A group before, in and after its session
    Given a group "friends" of alice, bob, carol
    When alice subscribes to the group "friends"
    And bob calls the group "friends"
    And alice declines with 486
    And carol answers
    And bob is answered
    Then [7.2.1.12/on-subscribe/4] the SUBSCRIBE of alice is answered after the document of the group "friends" came
    And [7.2.1.12/on-subscribe/5] the NOTIFYs to alice come in the dialog of her SUBSCRIBE
    And [7.2.1.12/on-subscribe/8b] the answer to the SUBSCRIBE of alice asserts the group "friends"
    And [7.2.1.12/on-subscribe/11] the first NOTIFY to alice is one of a conference state
    And [7.2.1.12/on-state-change/u1] the conference view of alice follows who joins and who leaves
    And [rfc4575:5.2/entity] the documents to alice are about what she subscribed to

  Scenario: A group that nobody knows
    When alice subscribes to the group "strangers"
    Then [7.2.1.12/on-subscribe/2] the SUBSCRIBE of alice is refused and starts no subscription
    And [7.2.1.12/on-subscribe/2.2] the SUBSCRIBE of alice is answered 404 or 410

  Scenario: A group that keeps its state to itself
    Given a group "friends" of alice, bob
    And the group "friends" denies its members "allow-conference-state"
    When alice subscribes to the group "friends"
    Then [7.2.1.12/on-subscribe/4.2] the SUBSCRIBE of alice is answered 403

  Scenario: A session of a group that keeps its state to itself
    Given a group "friends" of alice, bob
    And the group "friends" denies its members "allow-conference-state"
    When alice calls the group "friends"
    And bob answers
    And bob subscribes to the session of alice
    Then [7.2.1.12/on-subscribe/4.2] the SUBSCRIBE of bob is answered 403

  Scenario: Two who want not to be known
    Given a group "friends" of alice, bob, carol
    And the group "friends" grants its members "allow-anonymity"
    And bob asks for privacy
    And carol asks for privacy
    When alice calls the group "friends"
    And bob answers
    And alice subscribes to the conference state
    And carol answers
    Then [rfc4575:5.6/anonymous] alice sees bob and carol under names of their own that tell nothing
