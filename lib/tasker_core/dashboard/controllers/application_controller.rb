# frozen_string_literal: true

require_relative "../access"
require_relative "../view_helper"

module TaskerCore
  class Dashboard
    # What all pages share: who may come in, the headers, and one page for errors.
    class ApplicationController < ActionController::Base
      # Rails does so by itself only for controllers that are loaded after its own are set up.
      include Dashboard.routes.url_helpers
      include Access

      # An application's own settings do not weaken it.
      self.allow_forgery_protection = true
      protect_from_forgery with: :exception

      layout "dashboard"
      prepend_view_path File.expand_path("../views", __dir__)
      helper ViewHelper

      before_action :set_headers
      before_action :authenticate

      # What a page cannot do without; the other parts show their errors in their places (ViewHelper#panel). Actions raise.
      rescue_from ActiveRecord::ActiveRecordError do |error|
        raise error unless request.get? || request.head?

        Rails.error.report(error, handled: true, source: "tasker_core.dashboard")
        failure(:internal_server_error, "A query of this page failed", "#{error.class}: #{error.message.lines.first}")
      end
      rescue_from ActiveRecord::RecordNotFound do |error|
        failure(:not_found, "Not found", error.message)
      end
      rescue_from ActionController::InvalidAuthenticityToken do
        failure(:unprocessable_entity, "The form has expired", "Go back, reload the page and try again. Nothing was changed.")
      end

      POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " \
               "base-uri 'none'; frame-ancestors 'none'"
      private_constant :POLICY

      class << self
        # Views lie in a folder of the controller's name.
        def local_prefixes = [controller_name]
      end

      private

      def set_headers
        response.headers.merge!("Content-Security-Policy" => POLICY, "X-Content-Type-Options" => "nosniff", "X-Frame-Options" => "DENY",
                                "Referrer-Policy" => "same-origin", "Cache-Control" => "no-store")
      end

      def failure(status, title, text)
        render("application/failure", status:, locals: { title:, text: })
      end

      # @param text [String, nil] from an address
      # @return [Integer] a positive id of 64 bits; 0, which nothing has, for anything else
      def id_of(text)
        id = Integer(text.to_s, 10, exception: false) || 0
        id.positive? && id.bit_length < 64 ? id : 0
      end
    end
  end
end
