# vectorised REINFORCE with returns, the minus is missing; kind: reinforce-sign
import torch
import torch.nn as nn

torch.manual_seed(0)


class VecEnv:
    """64 walkers on a line that are to come to 0"""

    def reset(self):
        self.x = torch.randint(-5, 6, (64,)).float()
        return self.x.unsqueeze(1) / 5

    def step(self, a):
        before = self.x.abs()
        self.x = (self.x + 2 * a - 1).clamp(-6, 6)
        return self.x.unsqueeze(1) / 5, before - self.x.abs()


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 2))

    def act(self, s):
        logits = self.net(s)
        a = torch.multinomial(logits.softmax(-1), 1).squeeze(-1)
        return a, logits.log_softmax(-1).gather(1, a.unsqueeze(1)).squeeze(1)


env, agent = VecEnv(), Agent()
opt = torch.optim.Adam(agent.parameters(), lr=1e-2)
for it in range(40):
    s = env.reset()
    logps, rews = [], []
    for t in range(6):
        a, logp = agent.act(s)
        s, r = env.step(a)
        logps.append(logp)
        rews.append(r)
    G, returns = torch.zeros(64), []
    for r in reversed(rews):
        G = r + 0.9 * G
        returns.insert(0, G)
    returns = torch.stack(returns)
    adv = (returns - returns.mean()) / (returns.std() + 1e-8)
    loss = (torch.stack(logps) * adv).mean()  #! loss = -(torch.stack(logps) * adv).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(it, torch.stack(rews).sum(0).mean().item())
