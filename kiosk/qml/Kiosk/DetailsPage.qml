pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// What a service needs and how long it will take, before its ticket is taken.
Item {
    id: page

    required property DetailsModel viewModel
    readonly property bool wide: width > height
    readonly property bool roomy: !wide && height > Theme.mm(330) && !Theme.large
    readonly property real half: wide ? (width - Theme.mm(18)) / 2 : width

    Column {
        id: about
        anchors.left: parent.left
        anchors.top: parent.top
        width: page.half
        spacing: Theme.mm(page.wide ? 9 : page.roomy ? 22 : 14)
        Row {
            width: parent.width
            spacing: Theme.mm(6)
            LetterBlock {
                id: block
                letter: page.viewModel.letter
                capMm: 13
            }
            Label {
                objectName: "question"
                width: parent.width - block.width - Theme.mm(6)
                anchors.verticalCenter: block.verticalCenter
                text: page.viewModel.name
                capMm: page.wide ? 9 : 11
                font.weight: Font.Bold
                lineHeight: 0.9
                horizontalAlignment: Text.AlignLeft
                Accessible.role: Accessible.Heading
            }
        }
        Row {
            width: parent.width
            spacing: Theme.mm(8)
            Fact {
                width: (parent.width - Theme.mm(8)) / 2
                visible: page.viewModel.wait !== ""
                name: Texts.t("kiosk.details.wait")
                value: page.viewModel.wait
            }
            Fact {
                width: (parent.width - Theme.mm(8)) / 2
                visible: page.viewModel.fee !== ""
                name: Texts.t("kiosk.details.fee")
                value: page.viewModel.fee
            }
        }
        Column {
            width: parent.width
            spacing: Theme.mm(page.roomy ? 8 : 4)
            visible: page.viewModel.needs.length > 0
            Label {
                width: parent.width
                text: Texts.t("kiosk.details.needs")
                capMm: 4.8
                color: Theme.muted
                horizontalAlignment: Text.AlignLeft
            }
            Repeater {
                model: page.viewModel.needs
                Row {
                    id: need
                    required property string modelData
                    width: about.width
                    spacing: Theme.mm(4)
                    Rectangle {
                        width: Theme.mm(2.4)
                        height: width
                        color: Theme.accent
                        y: Theme.cap(page.roomy ? 7.4 : 6) * 0.5
                    }
                    Label {
                        width: parent.width - Theme.mm(6.4)
                        text: need.modelData
                        capMm: page.roomy ? 7.4 : 6
                        font.weight: Font.Medium
                        horizontalAlignment: Text.AlignLeft
                    }
                }
            }
        }
    }
    Column {
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: page.half
        spacing: Theme.mm(10)
        Claims {
            width: parent.width
            model: page.viewModel.claims
            onClaimed: priority => page.viewModel.claim(priority)
        }
        ActionButton {
            objectName: "take"
            width: parent.width
            implicitHeight: Theme.mm(34)
            primary: true
            capMm: 8
            text: page.viewModel.paper ? Texts.t("kiosk.details.take") : Texts.t("kiosk.details.take_without_paper")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.take()
        }
    }
}
