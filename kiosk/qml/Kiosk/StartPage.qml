pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Idle: a poster that says what this machine is for in every language, and one large button for each.
Item {
    id: page

    required property StartModel viewModel
    property bool warm: false
    readonly property bool wide: width > height
    readonly property real edge: Theme.mm(14)
    // Repeated over by number: a list would have every face made anew at each news from the hall.
    readonly property var invitations: viewModel.invitations

    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    Rectangle {
        id: poster
        width: page.wide ? page.width * 0.6 : page.width
        height: page.wide ? page.height : page.height - buttons.height - Theme.mm(26)
        x: page.wide ? page.width - width : 0
        color: Theme.accent

        Row {
            id: names
            x: page.edge
            y: Theme.mm(11)
            width: parent.width - 2 * page.edge
            spacing: Theme.mm(8)
            layoutDirection: Qt.RightToLeft
            Repeater {
                model: page.invitations.length
                Label {
                    required property int index
                    readonly property var row: page.invitations[index]
                    width: (names.width - Theme.mm(8)) / 2
                    text: row.centre
                    capMm: 4.8
                    font.weight: Font.Medium
                    color: Theme.accentInk
                    horizontalAlignment: row.rtl ? Text.AlignRight : Text.AlignLeft
                }
            }
        }
        Column {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            anchors.verticalCenterOffset: Theme.mm(page.wide ? -4 : 0)
            x: page.edge
            width: parent.width - 2 * page.edge
            spacing: Theme.mm(page.wide ? 8 : Theme.large ? 10 : 18)
            Repeater {
                model: page.invitations.length
                Invitation {
                    required property int index
                    readonly property var row: page.invitations[index]
                    width: words.width
                    warm: page.warm
                    code: row.code
                    rtl: row.rtl
                    title: row.title
                    purpose: row.purpose
                    capMm: page.wide ? (index === 0 ? 17 : 13) : (index === 0 ? 27 : 21)
                }
            }
        }
        Label {
            objectName: "clock"
            x: page.edge
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Theme.mm(9)
            text: page.viewModel.clock
            capMm: 13
            font.weight: Font.DemiBold
            font.features: ({ "tnum": 1 })
            color: Theme.accentInk
        }
        Column {
            id: news
            anchors.right: parent.right
            anchors.rightMargin: page.edge
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Theme.mm(12)
            spacing: Theme.mm(1)
            width: parent.width * 0.6
            Repeater {
                model: page.invitations.length
                Label {
                    required property int index
                    readonly property var row: page.invitations[index]
                    width: news.width
                    text: row.news
                    capMm: 5.4
                    font.weight: Font.Medium
                    color: Theme.accentInk
                    horizontalAlignment: Text.AlignRight
                }
            }
        }
    }
    Grid {
        id: buttons
        columns: page.wide ? 1 : page.invitations.length
        x: page.edge
        y: page.wide ? (page.height - height) / 2 : page.height - height - Theme.mm(8)
        width: page.wide ? page.width - poster.width - 2 * page.edge : page.width - 2 * page.edge
        spacing: Theme.mm(8)
        // The right-to-left language stands on the right, where its readers look first.
        layoutDirection: Qt.RightToLeft

        Repeater {
            model: page.invitations.length
            Column {
                id: way
                required property int index
                readonly property var row: page.invitations[index]
                width: (buttons.width - (buttons.columns - 1) * buttons.spacing) / buttons.columns
                spacing: Theme.mm(3)
                ActionButton {
                    objectName: "begin-" + way.row.code
                    width: way.width
                    height: Theme.mm(page.wide ? 56 : 60)
                    primary: true
                    capMm: page.wide ? 8 : 8.5
                    visible: text !== ""
                    text: way.row.begin
                    onClicked: page.viewModel.begin(way.row.code)
                }
                Label {
                    objectName: "scan-" + way.row.code
                    width: way.width
                    visible: text !== ""
                    text: way.row.scan
                    capMm: 4.8
                    font.weight: Font.Medium
                    color: Theme.muted
                    horizontalAlignment: Text.AlignHCenter
                }
            }
        }
    }
}
