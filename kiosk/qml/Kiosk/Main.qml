pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core
import Kiosk.Models

// The window: the idle poster, or a question between header and foot; over both the warning.
Window {
    id: window

    required property FrameModel frame
    required property StartModel start
    required property CprModel cpr
    required property FoundModel found
    required property AskBookedModel askBooked
    required property ServicesModel services
    required property DetailsModel details
    required property DeliveryModel delivery
    required property PhoneModel phone
    required property TicketModel ticket
    required property RefusedModel refused
    required property ThanksModel thanks
    required property StaffDoor staffDoor
    required property Installer installer
    required property int warningMs

    readonly property bool ofStaff: staffDoor.page !== ""
    readonly property bool closed: idle && frame.closed
    readonly property string screenName: ofStaff ? "staff-" + staffDoor.page : frame.warned ? "warning" : closed ? (installer.isOpen ? "code" : "closed") : frame.page
    readonly property bool idle: frame.page === "start"
    readonly property bool tall: height > width
    // A person in a wheelchair reaches what lies in the lower part of a tall screen.
    readonly property real lowered: tall && frame.low && !idle ? height * 0.26 : 0
    property bool warm: false

    color: Theme.surface

    Item {
        id: keys
        anchors.fill: parent
        focus: true
        Keys.onPressed: event => {
            const key = meaning(event.key);
            event.accepted = window.staffDoor.key(key, event.text) || window.installer.key(key, event.text) || window.frame.key(key, event.text);
        }

        // Named here: the first use of Qt's names from Python costs the first frame 25 ms.
        function meaning(key: int): string {
            switch (key) {
            case Qt.Key_Escape:
                return "escape";
            case Qt.Key_Backspace:
            case Qt.Key_Delete:
                return "erase";
            case Qt.Key_Return:
            case Qt.Key_Enter:
                return "enter";
            }
            return "";
        }

        Item {
            id: house
            anchors.fill: parent
            anchors.topMargin: window.lowered
            enabled: !window.frame.warned && !window.ofStaff
            visible: !window.closed
            LayoutMirroring.enabled: Texts.rightToLeft
            LayoutMirroring.childrenInherit: true

            StartPage {
                anchors.fill: parent
                anchors.bottomMargin: foot.height
                visible: window.idle
                enabled: window.idle && !window.closed
                warm: window.warm
                viewModel: window.start
            }
            Header {
                id: header
                anchors.top: parent.top
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.leftMargin: Theme.mm(14)
                anchors.rightMargin: Theme.mm(14)
                height: Theme.mm(25)
                visible: !window.idle
                frame: window.frame
            }
            PageStack {
                anchors.top: header.bottom
                anchors.bottom: foot.top
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.leftMargin: Theme.mm(14)
                anchors.rightMargin: Theme.mm(14)
                anchors.topMargin: Theme.mm(window.tall && !window.frame.low ? 14 : 9)
                anchors.bottomMargin: Theme.mm(window.tall ? 6 : 2)
                visible: !window.idle
                warm: window.warm
                frame: window.frame
                cpr: window.cpr
                found: window.found
                askBooked: window.askBooked
                services: window.services
                details: window.details
                delivery: window.delivery
                phone: window.phone
                ticket: window.ticket
                refused: window.refused
                thanks: window.thanks
            }
            AccessBar {
                id: foot
                anchors.bottom: parent.bottom
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.leftMargin: Theme.mm(14)
                anchors.rightMargin: Theme.mm(14)
                height: Theme.mm(25)
                frame: window.frame
                offersLow: window.tall
            }
        }
        WarningPanel {
            anchors.fill: parent
            LayoutMirroring.enabled: Texts.rightToLeft
            LayoutMirroring.childrenInherit: true
            frame: window.frame
            lengthMs: window.warningMs
        }
        // Nobody is there before the first frame; but a kiosk that is no device never shows that it would serve.
        Loader {
            anchors.fill: parent
            active: window.warm || window.closed
            sourceComponent: StaffOverlay {
                door: window.staffDoor
                closed: window.closed
                installer: window.installer
                languages: window.start.invitations
            }
        }
    }
}
