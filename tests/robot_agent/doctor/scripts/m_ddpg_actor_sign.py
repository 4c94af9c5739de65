# loss-sign
# pendulum-like toy: DDPG, the actor gets worse and worse
import random
from collections import deque
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0); np.random.seed(0); random.seed(0)

class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh())
    def forward(self, s):
        return self.net(s)

class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 1))
    def forward(self, s, a):
        return self.net(torch.cat([s, a], 1))

class DDPG:
    def __init__(self):
        self.actor, self.actor_t = Actor(), Actor()
        self.critic, self.critic_t = Critic(), Critic()
        self.actor_t.load_state_dict(self.actor.state_dict())
        self.critic_t.load_state_dict(self.critic.state_dict())
        self.a_opt = torch.optim.Adam(self.actor.parameters(), lr=1e-3)
        self.c_opt = torch.optim.Adam(self.critic.parameters(), lr=1e-2)
        self.buffer = deque(maxlen=5000)
        self.gamma, self.tau = 0.9, 0.02

    def act(self, s):
        with torch.no_grad():
            a = self.actor(torch.as_tensor(s, dtype=torch.float32)[None])[0].numpy()
        return np.clip(a + 0.3 * np.random.randn(1), -1, 1)

    def learn(self):
        batch = random.sample(self.buffer, 64)
        s, a, r, s2, d = (torch.as_tensor(np.array(x), dtype=torch.float32) for x in zip(*batch))
        r, d = r.unsqueeze(1), d.unsqueeze(1)
        with torch.no_grad():
            y = r + self.gamma * (1 - d) * self.critic_t(s2, self.actor_t(s2))
        critic_loss = F.mse_loss(self.critic(s, a), y)
        self.c_opt.zero_grad()
        critic_loss.backward()
        self.c_opt.step()

        actor_loss = self.critic(s, self.actor(s)).mean()  #! actor_loss = -self.critic(s, self.actor(s)).mean()
        self.a_opt.zero_grad()
        actor_loss.backward()
        self.a_opt.step()
        for net, tgt in ((self.actor, self.actor_t), (self.critic, self.critic_t)):
            for p, q in zip(net.parameters(), tgt.parameters()):
                q.data.copy_(self.tau * p.data + (1 - self.tau) * q.data)

agent = DDPG()
for episode in range(12):
    pos, vel, total = np.random.uniform(-1, 1), 0.0, 0.0
    for t in range(12):
        s = np.array([pos, vel]); a = agent.act(s)
        vel = 0.8 * vel + 0.2 * a[0]; pos = float(np.clip(pos + vel, -2, 2))
        r = -pos ** 2
        agent.buffer.append((s, a, r, np.array([pos, vel]), float(t == 29))); total += r
        if len(agent.buffer) > 100:
            agent.learn()
    print(episode, round(total, 2))
