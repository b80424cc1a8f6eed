# frozen_string_literal: true

# The Rails half of a workflow whose step `charge` is executed by a Rust worker (main.rs).
class MixedOrderHandler
  include Tasker::TaskHandler
  include TaskerCore::RustSteps

  # Executed by Rails.
  class Reserve < Tasker::StepHandler::Base
    def process(task, _sequence, _step) = { "amount" => task.context["amount"], "by" => "rails" }
  end

  # Executed by Rails, with the results of the Rust step.
  class Confirm < Tasker::StepHandler::Base
    def process(_task, sequence, _step)
      charge = sequence.find_step_by_name("charge").results
      { "confirmed" => charge["charged"], "by" => "rails" }
    end
  end

  register_handler("mixed_order", namespace_name: "shop", version: "1.0.0")

  define_step_templates do |templates|
    templates.define(dependent_system: "shop", name: "reserve", handler_class: Reserve)
    templates.define(dependent_system: "bank", name: "charge", depends_on_step: "reserve", handler_class: TaskerCore::RustStep)
    templates.define(dependent_system: "mail", name: "confirm", depends_on_step: "charge", handler_class: Confirm)
  end
end
