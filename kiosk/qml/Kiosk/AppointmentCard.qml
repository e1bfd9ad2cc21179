pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// One appointment and the one touch that confirms it.
Rectangle {
    id: card

    required property var appointment
    property bool busy: false
    property bool alone: true
    property bool dense: false

    signal confirmed

    implicitHeight: body.implicitHeight + Theme.mm(card.dense ? 8 : card.alone ? 26 : 18)
    radius: Theme.mm(4)
    color: Theme.raised
    border.width: Math.max(1, Theme.mm(0.35))
    border.color: Theme.line

    Column {
        id: body
        anchors.verticalCenter: parent.verticalCenter
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: Theme.mm(10)
        spacing: Theme.mm(card.dense ? 3 : card.alone ? 8 : 5)
        Label {
            width: parent.width
            text: card.appointment.time
            capMm: card.dense ? (card.alone ? 20 : 9) : card.alone ? 26 : 13
            font.weight: Font.Bold
            font.features: ({ "tnum": 1 })
            horizontalAlignment: Text.AlignLeft
            lineHeight: 0.85
        }
        Row {
            width: parent.width
            spacing: Theme.mm(5)
            LetterBlock {
                id: block
                letter: card.appointment.letter
                capMm: 6
                anchors.verticalCenter: parent.verticalCenter
            }
            Label {
                width: parent.width - block.width - Theme.mm(5)
                anchors.verticalCenter: parent.verticalCenter
                text: card.appointment.name
                capMm: card.alone ? 8 : 6
                font.weight: Font.DemiBold
                horizontalAlignment: Text.AlignLeft
            }
        }
        Label {
            width: parent.width
            visible: text !== "" && card.alone
            text: card.appointment.needs
            color: Theme.muted
            horizontalAlignment: Text.AlignLeft
        }
        ActionButton {
            objectName: "confirm-" + card.appointment.id
            width: parent.width
            implicitHeight: Theme.mm(card.alone ? 32 : 24)
            primary: true
            capMm: card.alone ? 8 : 7
            text: Texts.t("kiosk.found.confirm")
            enabled: !card.busy
            onClicked: card.confirmed()
        }
    }
}
