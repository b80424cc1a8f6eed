# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # What {BadRequests} answers with, for visitors that are let in.
    class BadRequestsController < ApplicationController
      def show
        failure(:bad_request, "The address is not valid", "Its parameters, or those of the form, cannot be decoded. Nothing was changed.")
      end
    end
  end
end
