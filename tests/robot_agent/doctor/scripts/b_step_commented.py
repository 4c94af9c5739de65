# kind: no-step
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
def train(epochs):
    for epoch in range(epochs):
        x = torch.rand(64, 2); y = (x[:, :1] > x[:, 1:]).float()
        p = torch.sigmoid(model(x))
        loss = nn.functional.binary_cross_entropy(p, y)
        optimizer.zero_grad()
        loss.backward()  #!+ optimizer.step()
train(30)
