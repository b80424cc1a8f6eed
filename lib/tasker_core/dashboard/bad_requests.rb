# frozen_string_literal: true

module TaskerCore
  class Dashboard < Rails::Engine
    # A page for addresses and forms that Rails cannot decode. It raises before a controller could rescue: in the router, or where the
    # parameters are written to the log.
    class BadRequests
      # What Rails and Rack keep of the parameters.
      PARAMETERS = /\A(action_dispatch\.request\.(path_|query_|request_)?(parameters|formats|content_mime_type)|rack\.request\.)/
      NO_PARAMETERS = { "REQUEST_METHOD" => "GET", "QUERY_STRING" => "", "CONTENT_LENGTH" => "0", "PATH_INFO" => "/" }.freeze
      private_constant :PARAMETERS, :NO_PARAMETERS

      # @param app [#call]
      def initialize(app)
        @app = app
      end

      def call(env)
        @app.call(env)
      rescue ActionController::BadRequest
        request = env.except("CONTENT_TYPE").reject { |key, _value| key.match?(PARAMETERS) }
        BadRequestsController.action(:show).call({ **request, **NO_PARAMETERS, "rack.input" => StringIO.new })
      end
    end
  end
end
