# frozen_string_literal: true

require_relative "../rails_helper"
require "capybara/rspec"
require "capybara/cuprite"

# What the specs in a browser share: `bin/test --browser` installs Chromium and axe, and names both.
module Browser
  AXE = File.read(ENV.fetch("AXE_PATH") { abort "AXE_PATH is not set: run these specs by `bin/test --browser`." })
  SIZE = [1280, 900].freeze
  PATIENCE = 30 # seconds; on a busy machine Chromium takes some to start

  Capybara.register_driver(:chromium) do |app|
    options = { "no-sandbox" => nil, "force-color-profile" => "srgb", "hide-scrollbars" => nil, "font-render-hinting" => "none" }
    Capybara::Cuprite::Driver.new(app, window_size: SIZE, process_timeout: PATIENCE * 2, timeout: PATIENCE, js_errors: true,
                                       browser_options: options)
  end
  Capybara.app = Rails.application
  Capybara.server = :puma, { Silent: true, Threads: "1:4" }
  Capybara.default_driver = :chromium
  Capybara.enable_aria_label = true
  Capybara.default_max_wait_time = PATIENCE

  # @return [Array<String>] what axe finds wrong in the page, by WCAG 2.2 AA and its best practices
  def axe_violations
    chromium("Page.setBypassCSP", enabled: true)
    page.refresh
    page.execute_script(AXE)
    found = page.evaluate_async_script("axe.run(document, { resultTypes: ['violations'] }).then(arguments[0])")
    found["violations"].map { |one| "#{one["id"]}: #{one["nodes"].pluck("html").first(3).join(" | ")}" }
  ensure
    chromium("Page.setBypassCSP", enabled: false)
  end

  # Sends a command of the DevTools protocol.
  def chromium(command, **) = page.driver.browser.page.command(command, **)

  # @param scheme [String] `light` or `dark`
  def prefer(scheme)
    chromium("Emulation.setEmulatedMedia", features: [{ name: "prefers-color-scheme", value: scheme }])
  end
end

RSpec.configure do |config|
  config.include Capybara::DSL, :browser
  config.include Browser, :browser
  config.after(browser: true) { Capybara.reset_sessions! }
end
