# gradient accumulation that sets the gradients to zero before the step; kind: zeroed-before-step
import argparse
import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--accum", type=int, default=4)
parser.add_argument("--epochs", type=int, default=6)
args = parser.parse_args()


def make_data():
    torch.manual_seed(4)
    x = torch.randn(320, 6)
    return x, (x.sum(1) > 0).long()


def train(args):
    x, y = make_data()
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    optimizer.zero_grad()
    for epoch in range(args.epochs):
        running = 0.0
        for i, idx in enumerate(torch.randperm(320).split(10)):
            loss = nn.functional.cross_entropy(model(x[idx]), y[idx]) / args.accum
            loss.backward()
            running += loss.item() * args.accum
            if (i + 1) % args.accum == 0:
                optimizer.zero_grad()  #!-
                optimizer.step()  #!+ optimizer.zero_grad()
        print(f"epoch {epoch} loss {running / 32:.4f}")


train(args)
