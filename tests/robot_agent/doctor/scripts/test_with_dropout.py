# kind: train-while-testing
import torch
from torch import nn
torch.manual_seed(0)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 16)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(16, 2)
    def forward(self, t):
        return self.fc(self.drop(self.emb(t).mean(1)))
T = torch.randint(0, 20, (500, 6)); L = ((T < 10).sum(1) > 3).long()
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
def run(epochs):
    for e in range(epochs):
        for i in range(0, 400, 40):
            opt.zero_grad()
            nn.functional.cross_entropy(model(T[i:i+40]), L[i:i+40]).backward()
            opt.step()
@torch.no_grad()
def evaluate():  #!+ model.eval()
    out = model(T[400:])  #+
    return (out.argmax(-1) == L[400:]).float().mean().item()
run(6)
print("test accuracy", evaluate())
