# PPO that draws new actions in its update instead of the ones that were played; kind: another-action
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(0)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 32), nn.Tanh())
        self.pi = nn.Linear(32, 3)
        self.v = nn.Linear(32, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


policy = Policy()
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
for it in range(25):
    s = torch.randn(128, 3)
    with torch.no_grad():
        dist, _ = policy(s)
        actions = dist.sample()
        old_logp = dist.log_prob(actions)
    rewards = (actions == s.argmax(1)).float()
    for _ in range(4):
        dist, value = policy(s)
        new_actions = dist.sample()  #!-
        logp = dist.log_prob(new_actions)  #! logp = dist.log_prob(actions)
        adv = rewards - value.detach()
        ratio = (logp - old_logp).exp()
        pg = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
        loss = pg + 0.5 * (value - rewards).pow(2).mean() - 0.01 * dist.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(it, rewards.mean().item())
