pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// The number, as large as it gets, while its paper comes out.
Item {
    id: page

    required property TicketModel viewModel
    readonly property bool wide: width > height
    readonly property color tone: viewModel.tone === "ok" ? Theme.ok : viewModel.tone === "wait" ? Theme.wait : Theme.accent
    readonly property real plateCap: Math.min(page.wide || page.height > Theme.mm(330) ? 42 : 34, 30 * plateRoom.width / Math.max(1, probe.implicitWidth))

    NumberPlate {
        id: probe
        visible: false
        number: page.viewModel.number
        capMm: 30
    }
    Item {
        id: plateRoom
        anchors.left: parent.left
        anchors.top: parent.top
        width: page.wide ? page.width * 0.54 : page.width
        height: page.wide ? page.height : page.height * (page.height > Theme.mm(330) ? 0.46 : 0.42)
        Column {
            anchors.centerIn: parent
            width: parent.width
            spacing: Theme.mm(12)
            Label {
                objectName: "question"
                width: parent.width
                text: page.viewModel.title
                capMm: 11
                font.weight: Font.Bold
                horizontalAlignment: Text.AlignHCenter
                Accessible.role: Accessible.Heading
            }
            NumberPlate {
                objectName: "ticket-number"
                anchors.horizontalCenter: parent.horizontalCenter
                number: page.viewModel.number
                capMm: page.plateCap
            }
            Label {
                width: parent.width
                text: page.viewModel.service
                capMm: 8
                font.weight: Font.DemiBold
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }
    Column {
        id: news
        anchors.right: parent.right
        y: page.wide ? Math.max(0, (page.height - steps.height - height) / 2) : plateRoom.height + Math.max(0, (page.height - plateRoom.height - steps.height - height) / 2)
        width: page.wide ? page.width * 0.42 : page.width
        spacing: Theme.mm(8)
        Rectangle {
            width: parent.width
            height: said.implicitHeight + Theme.mm(page.wide ? 12 : 18)
            radius: Theme.mm(4)
            color: Theme.raised
            border.width: Theme.mm(0.8)
            border.color: page.tone
            Column {
                id: said
                anchors.verticalCenter: parent.verticalCenter
                x: Theme.mm(8)
                width: parent.width - Theme.mm(16)
                spacing: Theme.mm(3)
                Label {
                    objectName: "print-state"
                    width: parent.width
                    text: page.viewModel.state
                    capMm: 9
                    font.weight: Font.Bold
                    color: page.tone
                    horizontalAlignment: Text.AlignLeft
                }
                Label {
                    width: parent.width
                    text: page.viewModel.advice
                    horizontalAlignment: Text.AlignLeft
                }
            }
        }
        Row {
            width: parent.width
            spacing: Theme.mm(8)
            visible: page.viewModel.ahead !== ""
            Label {
                width: (parent.width - Theme.mm(8)) / 2
                text: page.viewModel.ahead
                capMm: 8
                font.weight: Font.DemiBold
                horizontalAlignment: Text.AlignLeft
            }
            Fact {
                width: (parent.width - Theme.mm(8)) / 2
                visible: page.viewModel.wait !== ""
                name: Texts.t("kiosk.ticket.wait")
                value: page.viewModel.wait
            }
        }
    }
    Column {
        id: steps
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: news.width
        spacing: Theme.mm(6)
        ActionButton {
            objectName: "another-ticket"
            width: parent.width
            implicitHeight: Theme.mm(24)
            visible: page.viewModel.another
            text: Texts.t("kiosk.ticket.another")
            onClicked: page.viewModel.anotherTicket()
        }
        ActionButton {
            objectName: "done"
            width: parent.width
            implicitHeight: Theme.mm(34)
            primary: true
            capMm: 8
            text: Texts.t("kiosk.ticket.done")
            onClicked: page.viewModel.done()
        }
    }
}
