pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Nobody has touched anything for a while: a question, a bar that shrinks, and one touch to go on.
Rectangle {
    id: panel

    required property FrameModel frame
    required property int lengthMs

    color: Qt.alpha(Theme.plateInk, 0.6)
    visible: frame.warned
    onVisibleChanged: visible ? shrink.restart() : shrink.stop()

    MouseArea {
        objectName: "warning-ground"
        anchors.fill: parent
        onClicked: panel.frame.stay()
    }
    Rectangle {
        anchors.centerIn: parent
        width: Math.min(parent.width - Theme.mm(28), Theme.mm(250))
        height: body.implicitHeight + Theme.mm(32)
        radius: Theme.mm(6)
        color: Theme.surface
        Column {
            id: body
            anchors.centerIn: parent
            width: parent.width - Theme.mm(32)
            spacing: Theme.mm(9)
            Question {
                width: parent.width
                text: Texts.t("kiosk.warning.title")
                help: Texts.t("kiosk.warning.advice")
                capMm: 11
            }
            Rectangle {
                width: parent.width
                height: Theme.mm(4)
                radius: height / 2
                color: Theme.line
                Rectangle {
                    id: left
                    objectName: "warning-bar"
                    anchors.left: parent.left
                    height: parent.height
                    radius: height / 2
                    color: Theme.accent
                    width: parent.width * rest
                    property real rest: 1
                }
            }
            ActionButton {
                objectName: "stay"
                width: parent.width
                implicitHeight: Theme.mm(30)
                primary: true
                capMm: 7
                text: Texts.t("kiosk.warning.stay")
                onClicked: panel.frame.stay()
            }
        }
    }
    NumberAnimation {
        id: shrink
        target: left
        property: "rest"
        from: 1
        to: 0
        duration: panel.lengthMs
    }
}
