Feature: 7.2.1.2 Ad-hoc IM Group set-up
  Alice sends the conference factory an INVITE with a list of guests. The server
  checks the request, makes a session, invites everybody on the list and lets
  alice in as soon as the first guest accepts.

  Scenario: A list of one
    When alice invites bob
    And bob answers
    Then [7.2.1.2/general/u1] the INVITE of alice is answered 200

  Scenario: A factory that does not exist
    When alice invites bob by a factory that is not allocated
    Then [7.2.1.2/on-invite/1] the INVITE of alice is refused and nobody is invited
    And [7.2.1.2/on-invite/1.2] the INVITE of alice is refused with 404 or 410

  Scenario: An originator who is not authorised
    When mallory invites bob
    Then [7.2.1.2/on-invite/2] the INVITE of mallory is refused and nobody is invited
    And [7.2.1.2/on-invite/2.2] the INVITE of mallory is refused with 403

  Scenario: Each session has an identity of its own
    When alice invites bob
    And bob answers
    And alice invites carol
    And carol answers
    Then [7.2.1.2/on-invite/3] the two sessions of alice have different identities

  Scenario: Offered media that the operator does not allow
    Given alice offers audio beside her messages
    When alice invites bob
    And bob answers
    Then [7.2.1.2/on-invite/4] the server does not take the audio
    And [7.2.1.2/on-invite/4.2] the audio is refused by port 0 or the INVITE by 488
    And [rfc3264:6/same-m-lines] the answer to alice has the m= lines of her offer
    And [rfc3264:6/port-zero] the m= line of the audio in the answer has port 0

  Scenario: More guests than a session may have
    When alice invites one guest more than a session may have
    Then [7.2.1.2/on-invite/5] the INVITE of alice is refused and nobody is invited
    And [7.2.1.2/on-invite/5.2] the INVITE of alice is refused with 486 and the warning "too many participants"

  Scenario: As many guests as a session may have
    When alice invites as many guests as a session may have
    And every guest of alice answers
    Then [7.2.1.2/on-invite/5] the INVITE of alice is answered 200

  Scenario: Everybody on the list
    When alice invites bob, carol
    And bob rings
    And carol rings
    And alice hears the ringing
    And bob answers
    And carol answers
    Then [7.2.1.2/on-invite/6] bob, carol are invited
    And [7.2.1.2/on-180/1] the 180 to alice is built from her INVITE
    And [7.2.1.2/on-180/2] one 180 reaches alice after the first guest rings
    And [7.2.1.2/on-200/1] the 200 to alice follows the first 200 of a guest
    And [7.2.1.2/on-200/1.2] alice gets one final response to her INVITE
    And [7.2.1.2/on-200/3] the INVITE of alice is answered 200
    And [rfc3261:13.2.2.4/ack] every 200 of a guest is acknowledged

  Scenario: What the answer offers
    Given alice offers the types "message/cpim text/plain image/png"
    And bob offers the types "message/cpim text/plain text/html"
    And alice offers the attributes "max-size:20000, accept-wrapped-types:text/plain"
    And bob offers the attributes "max-size:20000, accept-wrapped-types:text/plain"
    When alice invites bob
    And bob answers
    Then [7.2.1.2/on-200/2] the 200 to alice carries an SDP answer
    And [7.2.1.2/on-200/2a] the types in the answer to alice are offered by alice and bob
    And [7.2.1.2/on-200/2b] the answer to alice has the attributes "max-size, accept-wrapped-types"
    And [rfc4975:8.1/path] the answer to alice has an MSRP path that agrees with its m= line
    And [rfc4975:8.6/accept-types] the answer to alice has accept-types

  Scenario: The session carries messages
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice says "Hello Bob"
    And bob hears "Hello Bob"
    Then [7.2.1.2/on-200/4] the switch accepts the message of alice
    And [rfc4975:7.2/response] the response to alice has the transaction and the path of her SEND
    And [rfc4975:7.1.2/success-report] the switch reports the whole message to alice

  Scenario: A message for no session
    When alice invites bob
    And bob answers
    And alice takes her leg of the switch
    And alice says "Hello" to a session that is not there
    Then [rfc4975:7.3/unknown-session] the last SEND of alice is answered 481

  Scenario: Everybody declines
    When alice invites bob, carol
    And bob declines with 486
    And carol declines with 480
    Then [7.2.1.2/on-final-error/1] alice gets a final response after the last guest declined
    And [7.2.1.2/on-final-error/1.2] the INVITE of alice is refused with 480 or 486
    And [rfc3261:17.1.1.3/branch] every refusal of a guest is acknowledged in its transaction

  Scenario: One accepts, the other declines
    When alice invites bob, carol
    And bob answers
    And carol declines with 486
    And alice leaves
    Then [7.2.1.2/on-final-error/2] alice is left in the session until she leaves

  Scenario: A request that needs an extension nobody knows
    Given alice requires "no-such-extension"
    When alice invites bob
    Then [rfc3261:8.2.2.3/unsupported-require] the INVITE of alice is refused with 420 and names "no-such-extension"

  Scenario: A request in a dialog that never was
    When alice sends a BYE in a dialog that never was
    Then [rfc3261:12.2.2/unknown-dialog] the BYE of alice is answered 481
