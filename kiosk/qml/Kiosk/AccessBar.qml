pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// At the foot of every screen: back and start over at the leading side, the comforts at the trailing one.
Item {
    id: bar

    required property FrameModel frame
    property bool offersLow: false

    Row {
        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(3)
        ActionButton {
            objectName: "back"
            visible: bar.frame.canGoBack
            implicitHeight: Theme.mm(17)
            capMm: 5
            text: (Texts.rightToLeft ? "\u2192  " : "\u2190  ") + Texts.t("kiosk.back")
            Accessible.name: Texts.t("kiosk.back")
            onClicked: bar.frame.back()
        }
        ActionButton {
            objectName: "start-over"
            visible: bar.frame.canStartOver
            implicitHeight: Theme.mm(17)
            capMm: 5
            quiet: true
            text: Texts.t("kiosk.start_over")
            onClicked: bar.frame.startOver()
        }
    }
    Row {
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(2)
        Comfort {
            objectName: "contrast"
            text: Texts.t("kiosk.contrast")
            half: true
            checked: bar.frame.contrast
            onClicked: bar.frame.toggleContrast()
        }
        Comfort {
            objectName: "large"
            text: Texts.t("kiosk.large")
            sign: "A+"
            checked: bar.frame.large
            onClicked: bar.frame.toggleLarge()
        }
        Comfort {
            objectName: "low"
            visible: bar.offersLow
            text: Texts.t("kiosk.reach")
            sign: "\u2193"
            checked: bar.frame.low
            onClicked: bar.frame.toggleLow()
        }
    }

    component Comfort: Touchable {
        id: comfort
        property string sign
        property bool half: false
        width: Theme.mm(17)
        height: Theme.mm(17)
        checkable: true
        Rectangle {
            anchors.fill: parent
            radius: Theme.mm(3)
            color: comfort.checked ? Theme.accent : comfort.pressed ? Theme.accentSoft : "transparent"
            border.width: Math.max(1, Theme.mm(0.3))
            border.color: comfort.checked ? Theme.accent : Theme.control
        }
        Label {
            anchors.centerIn: parent
            text: comfort.sign
            capMm: 4.8
            font.weight: Font.DemiBold
            color: comfort.checked ? Theme.accentInk : Theme.muted
            Accessible.ignored: true
        }
        Rectangle {
            anchors.centerIn: parent
            visible: comfort.half
            width: Theme.mm(6.5)
            height: width
            radius: width / 2
            color: "transparent"
            border.width: Math.max(1, Theme.mm(0.6))
            border.color: comfort.checked ? Theme.accentInk : Theme.muted
            Rectangle {
                width: parent.width / 2
                height: parent.height
                topLeftRadius: height / 2
                bottomLeftRadius: height / 2
                color: comfort.checked ? Theme.accentInk : Theme.muted
            }
        }
    }
}
