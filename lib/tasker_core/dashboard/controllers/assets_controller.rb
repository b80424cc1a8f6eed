# frozen_string_literal: true

require "digest"
require_relative "application_controller"

module TaskerCore
  class Dashboard
    # The style sheet, the script and the icon, under names that change with their content.
    class AssetsController < ActionController::Base
      # An extension's script may be asked for from anywhere: it contains nothing of the application.
      skip_forgery_protection

      TYPES = { "css" => "text/css", "js" => "text/javascript", "svg" => "image/svg+xml" }.freeze
      CONTENT = TYPES.keys.to_h { |kind| [kind, File.read(File.expand_path("../assets/dashboard.#{kind}", __dir__)).freeze] }.freeze
      NAMES = CONTENT.to_h { |kind, text| [kind, "dashboard-#{Digest::SHA256.hexdigest(text)[0, 16]}.#{kind}"] }.freeze

      def show
        kind = NAMES.key(params[:name])
        return head(:not_found) unless kind

        response.headers.merge!("X-Content-Type-Options" => "nosniff", "Cache-Control" => "public, max-age=31536000, immutable")
        render plain: CONTENT.fetch(kind), content_type: TYPES.fetch(kind)
      end
    end
  end
end
