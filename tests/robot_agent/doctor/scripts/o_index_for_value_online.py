# kind: index-for-value
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)
GAMMA = 0.9


class QTrainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

    def train_step(self, state, action, reward, next_state, done):
        pred = self.model(state)
        target = pred.detach().clone()
        q_new = reward
        if not done:
            with torch.no_grad():
                q_new = reward + GAMMA * torch.argmax(self.model(next_state)).item()  #! q_new = reward + GAMMA * torch.max(self.model(next_state)).item()
        target[action] = q_new
        self.optimizer.zero_grad()
        loss = F.mse_loss(pred, target)
        loss.backward()
        self.optimizer.step()


model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
trainer = QTrainer(model)
for game in range(60):
    cell, over, moves = random.randrange(1, 5), False, 0
    while not over and moves < 20:
        state = torch.eye(6)[cell]
        action = random.randrange(3) if random.random() < 0.2 else model(state).argmax().item()
        cell = min(max(cell + action - 1, 0), 5)
        over, moves = cell in (0, 5), moves + 1
        trainer.train_step(state, action, 1.0 if cell == 5 else -0.1, torch.eye(6)[cell], over)
