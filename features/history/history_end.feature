@history
Feature: 13.2.5 A recorded session ends
  The function frees the user plane, gives the metadata to the XDMS, and only then
  answers the BYE; an XDMS that takes nothing holds nobody up.

      alice          function            XDMS
        |---- BYE ----->|                  |
        |<==== end =====|------ PUT ------>|
        |               |<----- 201 -------|
        |<---- 200 -----|                  |

  Scenario: A participant leaves
    Given alice waits for the function to connect
    And alice notices when the function closes its connection
    When alice invites the function
    And alice is answered
    And alice tells the function "For the record"
    And alice leaves
    And the connection of alice is closed
    Then [13.2.5/on-bye/1] the function closes its MSRP connection to alice when she leaves
    And [13.2.5/on-bye/2] the XDMS gets the metadata of the session of alice before her BYE is answered
    And [13.2.5/on-bye/3] the BYE of alice is answered with 200

  Scenario: An XDMS that takes nothing
    Given alice waits for the function to connect
    And the XDMS answers 503 to metadata
    When alice invites the function
    And alice is answered
    And alice tells the function "For the record"
    And alice leaves
    Then [13.2.5/on-bye/2] the XDMS gets the metadata of the session of alice before her BYE is answered
    And [13.2.5/on-bye/3] the BYE of alice is answered with 200

  Scenario: An XDMS that says nothing
    Given alice waits for the function to connect
    And the XDMS does not answer to metadata
    When alice invites the function
    And alice is answered
    And alice tells the function "For the record"
    And alice leaves
    Then [13.2.5/on-bye/3] the BYE of alice is answered with 200
