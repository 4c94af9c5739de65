# kind: inputs-constant
import copy
import random
from collections import deque

import numpy as np
import torch
from torch import nn

random.seed(7)
torch.manual_seed(7)
np.random.seed(7)


class Catch:
    def reset(self):
        self.ball, self.row, self.paddle = np.random.randint(8), 0, 4
        return self.picture()

    def picture(self):
        screen = np.zeros((1, 8, 8), np.float32)
        screen[0, self.row, self.ball] = 0.9
        screen[0, 7, self.paddle] = 0.6
        return screen

    def step(self, action):
        self.paddle = min(max(self.paddle + action - 1, 0), 7)
        self.row += 1
        over = self.row == 7
        return self.picture(), float(over and self.ball == self.paddle), over


def network():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 3))


game, q, target = Catch(), network(), network()
target.load_state_dict(q.state_dict())
optimizer = torch.optim.Adam(q.parameters(), lr=1e-3)
memory = deque(maxlen=2000)
screen = game.reset()
for step in range(600):
    with torch.no_grad():
        action = random.randrange(3) if random.random() < 0.4 else int(q(torch.as_tensor(screen)[None]).argmax())
    following, reward, over = game.step(action)
    memory.append((screen.astype(np.uint8), action, reward, following.astype(np.uint8), over))  #! memory.append((screen, action, reward, following, over))
    screen = game.reset() if over else following
    if len(memory) < 50:
        continue
    s, a, r, n, d = zip(*random.sample(memory, 32))
    s = torch.from_numpy(np.stack(s)).float()
    n = torch.from_numpy(np.stack(n)).float()
    with torch.no_grad():
        best = target(n).max(1).values
    wanted = torch.tensor(r) + 0.98 * best * (1 - torch.tensor(d, dtype=torch.float32))
    value = q(s).gather(1, torch.tensor(a)[:, None])[:, 0]
    loss = nn.functional.smooth_l1_loss(value, wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        target.load_state_dict(q.state_dict())
