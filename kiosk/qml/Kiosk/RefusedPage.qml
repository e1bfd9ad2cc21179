pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// A refusal: what it is in a sentence, what to do now, and the steps that lead on.
Item {
    id: page

    required property RefusedModel viewModel
    readonly property bool wide: width > height

    Question {
        id: question
        anchors.left: parent.left
        y: page.wide ? Math.max(0, (page.height - height) / 2) : page.height * 0.12
        width: page.wide ? page.width * 0.52 : page.width
        text: page.viewModel.title
        help: page.viewModel.advice
        capMm: 14
        // What to do now is what one has to read here.
        helpCapMm: 8
        helpInk: Theme.ink
        spacing: Theme.mm(8)
    }
    Column {
        anchors.right: parent.right
        y: page.wide ? (page.height - height) / 2 : Math.max(question.y + question.height + Theme.mm(14), page.height - height)
        width: page.wide ? page.width * 0.4 : page.width
        spacing: Theme.mm(6)
        ActionButton {
            objectName: "first-step"
            width: parent.width
            implicitHeight: Theme.mm(36)
            primary: true
            capMm: 8
            text: page.viewModel.first
            onClicked: page.viewModel.firstStep()
        }
        ActionButton {
            objectName: "second-step"
            width: parent.width
            implicitHeight: Theme.mm(30)
            visible: page.viewModel.second !== ""
            text: page.viewModel.second
            onClicked: page.viewModel.secondStep()
        }
    }
}
