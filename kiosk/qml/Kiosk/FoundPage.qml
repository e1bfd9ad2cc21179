pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// The appointment was found: one touch takes the ticket.
Item {
    id: page

    required property FoundModel viewModel
    readonly property bool wide: width > height
    // In the lowered screen there is room for no more than what has to be.
    readonly property bool tight: !wide && height < Theme.mm(330)
    readonly property bool alone: viewModel.appointments.length < 2

    Question {
        id: question
        anchors.left: parent.left
        width: page.wide ? page.width * 0.36 : page.width
        text: page.alone ? Texts.t("kiosk.found.title") : Texts.t("kiosk.found.choose")
    }
    Grid {
        id: cards
        anchors.right: parent.right
        y: page.wide ? Math.max(0, (page.height - height) / 2) : question.height + Math.max(Theme.mm(page.tight ? 4 : 8), (page.height - question.height - height - foot.height) / 2 - Theme.mm(6))
        width: page.wide ? page.width * 0.58 : page.width
        columns: page.wide && !page.alone ? 2 : 1
        spacing: Theme.mm(6)
        Repeater {
            model: page.viewModel.appointments
            AppointmentCard {
                required property var modelData
                width: (cards.width - (cards.columns - 1) * cards.spacing) / cards.columns
                appointment: modelData
                alone: page.alone
                dense: page.tight
                busy: page.viewModel.busy
                onConfirmed: page.viewModel.confirm(modelData.id)
            }
        }
    }
    Column {
        id: foot
        anchors.bottom: parent.bottom
        anchors.left: parent.left
        width: question.width
        spacing: Theme.mm(page.tight ? 4 : 7)
        Claims {
            width: parent.width
            model: page.viewModel.claims
            onClaimed: priority => page.viewModel.claim(priority)
        }
        ActionButton {
            objectName: "other-service"
            width: parent.width
            text: Texts.t("kiosk.found.other")
            enabled: !page.viewModel.busy
            onClicked: page.viewModel.otherService()
        }
    }
}
