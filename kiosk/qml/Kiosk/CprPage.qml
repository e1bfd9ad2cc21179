pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// The nine digits. What was typed stays covered; the keypad lies low, where everybody reaches it.
Item {
    id: page

    required property CprModel viewModel
    readonly property bool wide: width > height
    // In the lowered screen there is room for no more than what has to be.
    readonly property bool tight: !wide && height < Theme.mm(330)
    readonly property real above: question.height + cells.height + Theme.mm(tight ? 20 : 40)
    readonly property real padWidth: wide ? width * 0.42 : width

    Item {
        id: top
        anchors.left: parent.left
        anchors.top: parent.top
        width: page.wide ? page.width - page.padWidth - Theme.mm(18) : page.width
        height: page.wide ? page.height : page.height - pad.height

        Question {
            id: question
            width: parent.width
            text: Texts.t("kiosk.cpr.title")
            help: page.viewModel.scanner ? Texts.t("kiosk.cpr.hint_scan") : Texts.t("kiosk.cpr.hint")
        }
        Row {
            id: cells
            objectName: "cpr-cells"
            anchors.top: question.bottom
            anchors.topMargin: Theme.mm(page.tight ? 6 : page.wide ? 14 : 18)
            width: parent.width
            height: width / 9 * 1.4
            spacing: Theme.mm(2)
            LayoutMirroring.enabled: false
            LayoutMirroring.childrenInherit: true
            Accessible.role: Accessible.EditableText
            Accessible.name: Texts.t("kiosk.cpr.title")
            Accessible.passwordEdit: true
            Repeater {
                model: 9
                Rectangle {
                    id: cell
                    required property int index
                    readonly property string sign: page.viewModel.cells[index] ?? ""
                    readonly property bool filled: sign.trim() !== ""
                    width: (cells.width - 8 * cells.spacing) / 9
                    height: cells.height
                    radius: Theme.mm(2)
                    color: filled ? Theme.accentSoft : Theme.raised
                    border.width: Theme.mm(filled ? 0.6 : 0.35)
                    border.color: page.viewModel.trouble !== "" && !filled ? Theme.alert : filled ? Theme.accent : Theme.control
                    Rectangle {
                        anchors.centerIn: parent
                        visible: cell.sign === "\u2022"
                        width: Theme.mm(5)
                        height: width
                        radius: width / 2
                        color: Theme.ink
                    }
                    Label {
                        anchors.centerIn: parent
                        visible: cell.filled && cell.sign !== "\u2022"
                        text: cell.sign
                        capMm: 10
                        font.weight: Font.DemiBold
                        Accessible.ignored: true
                    }
                }
            }
        }
        Label {
            objectName: "cpr-trouble"
            anchors.top: cells.bottom
            anchors.topMargin: Theme.mm(4)
            width: parent.width
            text: page.viewModel.trouble !== "" ? page.viewModel.trouble : Texts.t("kiosk.cpr.privacy")
            color: page.viewModel.trouble !== "" ? Theme.alert : Theme.muted
            capMm: page.viewModel.trouble !== "" ? 6 : 4.8
            font.weight: page.viewModel.trouble !== "" ? Font.DemiBold : Font.Normal
            horizontalAlignment: Text.AlignLeft
        }
        ActionButton {
            objectName: "without-cpr"
            visible: page.wide
            anchors.left: parent.left
            anchors.bottom: parent.bottom
            text: Texts.t("kiosk.cpr.without")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.withoutCpr()
        }
    }
    Column {
        id: pad
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: page.padWidth
        spacing: Theme.mm(5)
        Keypad {
            id: keys
            anchors.horizontalCenter: parent.horizontalCenter
            digits: page.viewModel.digits
            keyWidth: (pad.width - 2 * spacing) / 3
            keyHeight: Math.max(Theme.mm(20), Math.min(Theme.mm(42), (page.height - (page.wide ? Theme.mm(44) : page.above + Theme.mm(68))) / 4))
            onTyped: digit => page.viewModel.type(digit)
            onErased: page.viewModel.erase()
            onCleared: page.viewModel.clear()
        }
        ActionButton {
            objectName: "submit"
            width: keys.width
            anchors.horizontalCenter: parent.horizontalCenter
            implicitHeight: Theme.mm(26)
            primary: page.viewModel.complete
            capMm: 7
            text: page.viewModel.busy ? Texts.t("kiosk.cpr.looking") : Texts.t("kiosk.cpr.continue")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.submit()
        }
        ActionButton {
            objectName: page.wide ? "" : "without-cpr"
            visible: !page.wide
            width: keys.width
            anchors.horizontalCenter: parent.horizontalCenter
            quiet: true
            text: Texts.t("kiosk.cpr.without")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.withoutCpr()
        }
    }
}
