# kind: train-while-testing
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(64, 2)
    def forward(self, x):
        return self.head(self.body(x))
def accuracy(model, x, y):
    with torch.no_grad():  #!+ model.eval()
        return (model(x).argmax(dim=1) == y).float().mean().item()  #+
model = Net()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(400, 8)
y = (x[:, 0] > x[:, 1]).long()
for epoch in range(10):
    model.train()  #+
    for i in range(0, 300, 50):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x[i:i + 50]), y[i:i + 50]).backward()
        opt.step()
    print(epoch, accuracy(model, x[300:], y[300:]))  #+
print("score", 0.9)
