# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # Who works, and whether the work of dead processes is recovered.
    class WorkersController < ApplicationController
      def show
        @workers = Workers.new
      end
    end
  end
end
