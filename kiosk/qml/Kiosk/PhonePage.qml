pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// The phone that the message goes to. It is read back in groups as it is typed: a slip would send it to a stranger.
Item {
    id: page

    required property PhoneModel viewModel
    readonly property bool wide: width > height
    // In the lowered screen there is room for no more than what has to be.
    readonly property bool tight: !wide && height < Theme.mm(330)
    readonly property real above: question.height + cells.height + (countries.visible ? countries.height + Theme.mm(6) : 0)
    readonly property real padWidth: wide ? width * 0.42 : width

    Item {
        anchors.left: parent.left
        anchors.top: parent.top
        width: page.wide ? page.width - page.padWidth - Theme.mm(18) : page.width
        height: page.height

        Question {
            id: question
            width: parent.width
            text: Texts.t("kiosk.phone.title")
            help: Texts.t("kiosk.phone.hint")
        }
        CountryRow {
            id: countries
            anchors.top: question.bottom
            anchors.topMargin: Theme.mm(6)
            width: parent.width
            model: page.viewModel.countries
            onDialled: place => page.viewModel.dial(place)
        }
        PhoneCells {
            id: cells
            anchors.top: countries.visible ? countries.bottom : question.bottom
            anchors.topMargin: Theme.mm(page.tight ? 6 : page.wide ? 14 : 18)
            width: parent.width
            country: page.viewModel.country
            cells: page.viewModel.cells
            troubled: page.viewModel.trouble !== ""
        }
        Label {
            objectName: "phone-trouble"
            anchors.top: cells.bottom
            anchors.topMargin: Theme.mm(4)
            width: parent.width
            text: page.viewModel.trouble !== "" ? page.viewModel.trouble : Texts.t("kiosk.phone.privacy")
            color: page.viewModel.trouble !== "" ? Theme.alert : Theme.muted
            capMm: page.viewModel.trouble !== "" ? 6 : 4.8
            font.weight: page.viewModel.trouble !== "" ? Font.DemiBold : Font.Normal
            horizontalAlignment: Text.AlignLeft
        }
        ActionButton {
            objectName: "without-message"
            visible: page.wide
            anchors.left: parent.left
            anchors.bottom: parent.bottom
            text: Texts.t("kiosk.phone.without")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.without()
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
            keyHeight: Math.max(Theme.mm(20), Math.min(Theme.mm(42), (page.height - (page.wide ? Theme.mm(44) : page.above + Theme.mm(page.tight ? 96 : 108))) / 4))
            onTyped: digit => page.viewModel.type(digit)
            onErased: page.viewModel.erase()
            onCleared: page.viewModel.clear()
        }
        ActionButton {
            objectName: "send"
            width: keys.width
            anchors.horizontalCenter: parent.horizontalCenter
            implicitHeight: Theme.mm(26)
            primary: page.viewModel.complete
            capMm: 7
            text: Texts.t("kiosk.phone.send")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.submit()
        }
        ActionButton {
            objectName: page.wide ? "" : "without-message"
            visible: !page.wide
            width: keys.width
            anchors.horizontalCenter: parent.horizontalCenter
            quiet: true
            text: Texts.t("kiosk.phone.without")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.without()
        }
    }
}
